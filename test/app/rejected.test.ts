import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REJECTED_OUTPUTS, rejectedMessage } from '../../src/app/rejected-deliveries.js';

const REJECTION = { kind: 'rejected', code: 'unknown-shape', reason: 'R.', next: 'N.', path: '' } as const;
const nested = (levels: number): unknown => JSON.parse(`${'{"a":['.repeat(levels)}${']}'.repeat(levels)}`);

describe('the message for the rejected queue', () => {
  it.each(Object.entries(REJECTED_OUTPUTS))(
    'of %s fits its queue, whatever it is',
    (trigger, { largest }) => {
      const body = fc.oneof(
        fc.anything(),
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.integer({ min: 1, max: 60_000 }).map(nested),
        fc
          .record({
            text: fc.constantFrom('"', '\u0000', '\ud800', '\u20ac', 'x'),
            times: fc.integer({ min: 1, max: 400_000 }),
          })
          .map(({ text, times }) => ({ text: text.repeat(times) })),
      );
      fc.assert(
        fc.property(body, (body) => {
          const message = rejectedMessage(
            REJECTION,
            trigger as keyof typeof REJECTED_OUTPUTS,
            body,
            largest,
            'm',
          );
          const bytes = Buffer.byteLength(JSON.stringify(message));
          expect(bytes).toBeLessThan(largest * 1.2);
          expect(message).toMatchObject({ code: 'unknown-shape', reason: 'R.', trigger });
        }),
        { numRuns: 200 },
      );
    },
  );

  it('contains the unchanged body if it fits, and otherwise its size', () => {
    const of = (body: unknown) => rejectedMessage(REJECTION, 'event-grid', body, 40_000);
    expect(of({ hello: ['world'] })).toMatchObject({ body: { hello: ['world'] } });
    expect(of({ hello: 'x'.repeat(50_000) })).toMatchObject({ bodyBytes: 50_012 });
    expect(of(nested(90))).toMatchObject({ bodyCutAtDepth: 100 });
    expect(of(nested(40))).toMatchObject({ body: nested(40) });
  });
});
