/** Time that passes between the turns of an orchestration, as it does wherever services take their time. */
import { afterEach, expect, it } from 'vitest';
import type { Responder } from './responder.js';
import { TeamsResponder } from './teams/teams.js';

let responder: Responder;
afterEach(() => responder.stop());

it.each([250, 2_300])(
  'loses no word of the case file where each activity takes about %i ms',
  async (ms) => {
    ({ responder } = await TeamsResponder.start({
      introspection: {
        onActivity: ({ name, attempt }) =>
          attempt === 1 ? { kind: 'delay', ms: ms + 53 * name.length } : undefined,
      },
    }));
    const id = await responder.deliver();
    const request = await responder.asked(id);
    await responder.decide(request, { steps: request.approval.stepIds });
    const file = await responder.ended(id);
    expect(file.outcome).toBe('partly-remediated');
    expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
    expect(file.decisions).toHaveLength(1);
  },
  60_000,
);
