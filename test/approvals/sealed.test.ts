/** A message to an entity or orchestration counts only if the app sealed it for exactly that receiver. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer } from '../../src/approvals/index.ts';
import { type SealBinding, sealPurposeSchema } from '../../src/domain/sealed.ts';

const KEY = 'a key that only the responder has, for tests';
const OLD = 'the key before that one, for tests as well';
const about: SealBinding = {
  purpose: 'case-update',
  instanceId: 'incident-1',
  generation: 2,
  sequence: 3,
};
const content = { text: 'It was isolated.', at: '2026-03-10T08:12:00.000Z', n: 1 };
const sealed = createSealer([KEY]).seal(content, about);

describe('a sealed message', () => {
  it('opens with the sealed content, also after a JSON round trip', () => {
    const opened = createSealer([KEY]).open(JSON.parse(JSON.stringify(sealed)), about);
    expect(opened).toMatchObject({ ok: true, content, ...about });
  });

  it('opens during a key rotation, but not afterwards', () => {
    const before = createSealer([OLD]).seal(content, about);
    expect(createSealer([KEY, OLD]).open(before, about)).toMatchObject({ ok: true, content });
    expect(createSealer([KEY]).open(before, about)).toEqual({ ok: false, code: 'forged' });
  });

  it('is deterministic, so a replay sends the same message', () => {
    expect(createSealer([KEY, OLD]).seal(content, about)).toEqual(sealed);
  });

  it('does not reveal its key, which differs from the key of decisions', () => {
    expect(JSON.stringify(sealed)).not.toContain(KEY);
    const other = createSealer([`${KEY} `]).seal(content, about);
    expect(other.seal.mac).not.toBe(sealed.seal.mac);
  });

  it('is invalid without a key, on either side', () => {
    const unsealed = createSealer([]).seal(content, about);
    expect(unsealed.seal).toEqual({ keyId: '', mac: '' });
    for (const keys of [[], [KEY]]) {
      expect(createSealer(keys).open(unsealed, about)).toEqual({ ok: false, code: 'forged' });
    }
    expect(createSealer([]).open(sealed, about)).toEqual({ ok: false, code: 'forged' });
  });

  it('is misplaced for any other binding, which cannot be forged', () => {
    const others: Partial<SealBinding>[] = [
      { purpose: 'refused-decision' },
      { instanceId: 'incident-2' },
      { generation: 1 },
      { sequence: 4 },
    ];
    for (const other of others) {
      const elsewhere = { ...about, ...other };
      expect(createSealer([KEY]).open(sealed, elsewhere)).toEqual({ ok: false, code: 'misplaced' });
      expect(createSealer([KEY]).open({ ...sealed, ...other }, elsewhere)).toEqual({
        ok: false,
        code: 'forged',
      });
    }
  });

  it('never opens after any change', () => {
    const fields = ['purpose', 'instanceId', 'generation', 'sequence', 'content'] as const;
    const change = fc.record({ field: fc.constantFrom(...fields), to: fc.anything() });
    const mac = fc.string();
    fc.assert(
      fc.property(change, ({ field, to }) => {
        fc.pre(!Object.is(to, sealed[field]));
        const raw = { ...sealed, [field]: to };
        expect(createSealer([KEY]).open(raw, { purpose: 'case-update' }).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(mac, (to) => {
        fc.pre(to !== sealed.seal.mac);
        const raw = { ...sealed, seal: { ...sealed.seal, mac: to } };
        expect(createSealer([KEY]).open(raw, about).ok).toBe(false);
      }),
    );
  });

  it('accepts any value without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...sealPurposeSchema.options), (raw, purpose) => {
        expect(createSealer([KEY]).open(raw, { purpose }).ok).toBe(false);
      }),
    );
  });
});
