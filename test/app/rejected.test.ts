import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packContent, unpackContent } from '../../src/app/rejected/content.js';
import { StorageLimit } from '../../src/app/rejected/storage-limit.js';

const nested = (levels: number): unknown => JSON.parse(`${'{"a":['.repeat(levels)}${']}'.repeat(levels)}`);
const bodies = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 2_000 }),
  fc.constantFrom(
    '\ud800',
    { key: '\udfff' },
    JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    '"'.repeat(400_000),
  ),
);
const plain = (body: unknown) => (body instanceof Uint8Array ? [...body] : body);

describe('the content of a rejected body', () => {
  it('is unpacked as it was packed, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { id, content } = await packContent(body);
        expect(id).toMatch(/^rejected-[0-9a-f]{40}$/);
        const unpacked = await unpackContent(JSON.parse(JSON.stringify(content)));
        expect(plain(unpacked)).toEqual(JSON.parse(JSON.stringify(plain(body))));
        expect((await packContent(unpacked)).id).toBe(id);
      }),
      { numRuns: 300 },
    );
  });

  it('may be nested deeper than recursive code can read', async () => {
    const { content, bytes } = await packContent(nested(60_000));
    expect(bytes).toBe(60_000 * 8);
    expect((await packContent(await unpackContent(content))).content).toEqual(content);
  });

  it('is small if it repeats itself', async () => {
    const { content } = await packContent({ hello: '"'.repeat(1_000_000) });
    expect(content.data.length).toBeLessThan(10_000);
  });
});

describe('what is stored in an hour', () => {
  it('is bounded by number and by size', () => {
    const limit = new StorageLimit({ bodies: 2, bytes: 100 });
    expect([limit.take(60, 0), limit.take(60, 1), limit.take(40, 2), limit.take(0, 3)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(limit.take(60, 3_600_000)).toBe(true);
  });
});
