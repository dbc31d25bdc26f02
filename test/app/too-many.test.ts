/** The rate limit for decisions applies across all channels. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNELS, EveryChannel } from './every-channel.js';
import type { Analyst, Request } from './responder.js';

const MOST = 60;
let channels: EveryChannel;
let request: Request;
beforeAll(async () => {
  channels = await EveryChannel.start();
  request = await channels.responder.asked(await channels.responder.deliver(), 'analysts');
});
afterAll(() => channels.stop());

/** Calls that count towards the limit, but are too incomplete to be evaluated. */
const useUp = (by: Analyst, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) => {
      const path = `/api/approvals/${request.approval.id}/${['decisions', 'extend', 'undo'][i % 3]}`;
      return channels.responder.call('POST', path, {}, { by });
    }),
  );

it('counts all channels and all kinds of decision together, including undo and more time', async () => {
  // On a busy machine a message is delivered again, and counts again: there is room for three more.
  await useUp('Noor Haddad', MOST - 6);
  const before = (await channels.responder.caseFile(request.instanceId))?.decisions.length ?? 0;
  for (const channel of ['page', 'teams', 'service-bus'] as const) {
    const { text } = await channels.decide(channel, request, { by: 'Noor Haddad' });
    expect(text).toContain('not an approver');
  }
  const decided = async () => (await channels.responder.caseFile(request.instanceId))?.decisions.length;
  expect(await decided()).toBe(before + 3);
  await useUp('Noor Haddad', 3);
  for (const channel of CHANNELS) {
    for (const kind of ['approve', 'undo'] as const) {
      const said = await channels.decide(channel, request, { by: 'Noor Haddad', kind });
      expect([channel, kind, said.counted]).toEqual([channel, kind, false]);
      expect(said.text).toContain('too many decisions in the last minute');
    }
  }
  expect(await decided()).toBe(before + 3);
  // Other people can still decide.
  expect((await channels.decide('service-bus', request, { by: 'Robin Keller' })).counted).toBe(true);
});
