/** A decision id that is reused with different content: the answer shows the current state, and the audit records it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNELS, EveryChannel } from './every-channel.js';
import { anotherIncident, type Request } from './responder.js';

const by = 'Robin Keller';
let channels: EveryChannel;
let events: unknown[];
beforeAll(async () => {
  channels = await EveryChannel.start({
    playbook: [['deadline: 4h', 'deadline: 4h\n      quorum: 2']],
    change: (tenant) => {
      events = Array.from({ length: 2 * CHANNELS.length }, () => anotherIncident(tenant));
    },
  });
});
afterAll(() => channels.stop());

const asked = async () =>
  channels.responder.asked(await channels.responder.deliver(events.shift()), 'analysts');
const file = async ({ instanceId }: Request) => {
  await channels.responder.host.idle();
  return channels.responder.caseFile(instanceId);
};

it.each(CHANNELS)(
  'through %s: the first counts, the second is reported as not counted, and is audited',
  async (channel) => {
    const request = await asked();
    const [one = '', two = ''] = request.approval.stepIds;
    expect(two).not.toBe('');
    const first = await channels.decide(channel, request, { by, id: `twice-${channel}`, steps: [one] });
    expect(first.counted).toBe(true);
    const second = await channels.decide(channel, request, { by, id: `twice-${channel}`, steps: [one, two] });
    expect(second.counted).toBe(false);
    expect(second.text).toMatch(
      /Another decision .{0,9}approve.{0,9} with the same id was submitted before and accepted/,
    );
    expect(second.text).not.toContain('Decision accepted');

    const kept = [
      {
        code: 'decision-id-reused',
        kind: 'approve',
        steps: [one, two],
        by: { name: expect.stringContaining(by) },
      },
    ];
    const after = await file(request);
    expect(after?.decisions.map(({ decision }) => decision.steps)).toEqual([[one]]);
    expect(after?.approvals.find(({ id }) => id === request.approval.id)?.votes).toHaveLength(1);
    expect(after?.refusedDecisions?.kept).toMatchObject(kept);

    // The same content is a repetition and gets the first answer.
    const again = await channels.decide(channel, request, { by, id: `twice-${channel}`, steps: [one] });
    expect(again.counted).toBe(true);
    expect((await file(request))?.refusedDecisions?.kept).toMatchObject(kept);
  },
);

it.each(CHANNELS)(
  'through %s, both at once: one is accepted, the other is reported as not counted',
  async (channel) => {
    const request = await asked();
    const both = await Promise.all(
      request.approval.stepIds.map((step) =>
        channels.decide(channel, request, { by, id: `at-once-${channel}`, steps: [step] }),
      ),
    );
    expect(both.map(({ counted }) => counted).sort()).toEqual([false, true]);
    const after = await file(request);
    expect(after?.decisions).toHaveLength(1);
    expect(after?.refusedDecisions?.kept.map(({ code }) => code)).toEqual(['decision-id-reused']);
  },
);

it('counts once over two requests while nothing is evaluated, and the case says so', async () => {
  const slow = await EveryChannel.start({
    playbook: [
      [
        '    tier: analysts\n    why: >-\n      The account was active',
        '    tier: leads\n    why: >-\n      The account was active',
      ],
      ['fourEyes: true', 'fourEyes: false'],
    ],
    introspection: {
      onActivity: ({ name }) => (name === 'evaluateDecision' ? { kind: 'delay', ms: 60_000 } : undefined),
    },
  });
  try {
    const { responder } = slow;
    const instanceId = await responder.deliver();
    const [analysts, leads] = [
      await responder.asked(instanceId, 'analysts'),
      await responder.asked(instanceId, 'leads'),
    ];
    await Promise.all([
      slow.decide('service-bus', analysts, { by, id: 'again' }),
      slow.decide('service-bus', leads, { by: 'Kim Larsen', id: 'again' }),
      slow.decide('service-bus', analysts, { by, id: 'again', kind: 'reject', reason: 'another content' }),
    ]);
    responder.leave();
    const after = await responder.ended(instanceId);
    expect(after.decisions).toHaveLength(1);
    const decided = after.approvals.filter(({ state }) => state === 'approved' || state === 'rejected');
    expect(decided).toHaveLength(1);
    const notes = after.timeline.filter(({ text }) => text.includes('reuses the id of another decision'));
    expect(notes).toHaveLength(2);
  } finally {
    await slow.stop();
  }
}, 60_000);
