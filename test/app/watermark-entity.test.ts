/** The watermark of a sweep: only the app moves it, for its own workspace, and it never goes back. */
import type { EntityContext } from 'durable-functions';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ADVANCE, type Watermark, watermarkEntity } from '../../src/app/sweep/watermark-entity.js';
import { createSealer } from '../../src/approvals/index.js';
import type { SealedMessage } from '../../src/domain/sealed.js';

const KEY = '0'.repeat(40);
const sealer = createSealer(['a key that only the responder has, for tests']);
const stranger = createSealer(['a key that somebody else made up, for tests']);
const at = (minute: number) => new Date(Date.parse('2026-03-10T08:00:00Z') + minute * 60_000).toISOString();
const sealed = (
  minute: number,
  { by = sealer, purpose = 'watermark', key = KEY }: Partial<Forgery> = {},
): SealedMessage =>
  by.seal({ changedAt: at(minute) }, { purpose, instanceId: key, generation: 1, sequence: 0 });
interface Forgery {
  readonly by: typeof sealer;
  readonly purpose: 'watermark' | 'reliance';
  readonly key: string;
}

/** Runs the entity like the host: one signal after the other. */
function signalled(signals: readonly (readonly [input: unknown, operation?: string | undefined])[]) {
  let state: Watermark | undefined;
  let alarms = 0;
  for (const [input, operationName = ADVANCE] of signals) {
    const context = {
      df: {
        entityKey: KEY,
        operationName,
        getInput: () => input,
        getState: () => state,
        setState: (next: Watermark) => {
          state = next;
        },
      },
      error: () => {
        alarms += 1;
      },
    };
    watermarkEntity(sealer.open)(context as unknown as EntityContext<Watermark>);
  }
  return { changedAt: state?.changedAt, alarms };
}

it('is the latest of those that the app has sealed, in whatever order and however often they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (minutes) => {
      const { changedAt, alarms } = signalled(minutes.map((minute) => [sealed(minute)]));
      expect([changedAt, alarms]).toEqual([at(Math.max(...minutes)), 0]);
    }),
  );
});

it.each<[string, unknown, string?]>([
  ['with a key that somebody made up', sealed(9, { by: stranger })],
  ['without a seal', { ...sealed(9), seal: undefined }],
  ['with other content', { ...sealed(9), content: JSON.stringify({ changedAt: at(10) }) }],
  ['for another workspace', sealed(9, { key: '1'.repeat(40) })],
  ['for another purpose', sealed(9, { purpose: 'reliance' })],
  ['as another operation', sealed(9), 'set'],
  ['with nothing', undefined],
])('is not moved by a message %s, and that is an alarm', (_what, input, operation) => {
  expect(signalled([[sealed(1)], [input, operation]])).toEqual({ changedAt: at(1), alarms: 1 });
});
