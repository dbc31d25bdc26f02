import { expect, it } from 'vitest';
import { deliveryIdOf } from '../../src/app/deliver-again.js';
import { acceptDelivery } from '../../src/app/intake.js';
import { type IncidentDelivery, recogniseDeliveries } from '../../src/intake/index.js';
import { readEvent } from './responder.js';

const [delivery] = recogniseDeliveries(readEvent());
const accept = (one: ReturnType<typeof hub>) =>
  acceptDelivery(delivery as IncidentDelivery, 'service-bus', one, { pauses: [1, 1, 1] });

/** A fake task hub that fails some calls. */
function hub(failures: number, loseAnswers = false) {
  const started: string[] = [];
  let calls = 0;
  return {
    started,
    find: async (instanceId: string) =>
      started.includes(instanceId) ? ({ instanceId, runtimeStatus: 'Running' } as never) : undefined,
    start: async (instanceId: string) => {
      calls += 1;
      if (calls > failures || loseAnswers) started.push(instanceId);
      if (calls <= failures) throw new Error('the hub does not answer');
    },
    current: async () => ({
      generation: 1,
      file: undefined,
      deliveries: [deliveryIdOf(delivery as IncidentDelivery) ?? ''],
    }),
    update: async () => {},
    noteOver: async () => {},
  };
}

it('tries again when the hub does not answer', async () => {
  const one = hub(1);
  expect(await accept(one)).toMatchObject({ kind: 'accepted' });
  expect(one.started).toHaveLength(1);
});

it('takes its own start for done when only the answer was lost', async () => {
  const one = hub(1, true);
  expect(await accept(one)).toMatchObject({ kind: 'duplicate' });
  expect(one.started).toHaveLength(1);
});

it('throws in the end, so the message is redelivered', async () => {
  await expect(accept(hub(9))).rejects.toThrow('does not answer');
});
