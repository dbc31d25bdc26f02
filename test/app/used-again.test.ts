/** A decision's id that is sent again with something else: the answer is what holds, and the audit has it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOORS, EveryDoor } from './every-door.js';
import { anotherIncident, type Request } from './responder.js';

const by = 'Robin Keller';
let doors: EveryDoor;
let events: unknown[];
beforeAll(async () => {
  doors = await EveryDoor.start({
    playbook: [['deadline: 4h', 'deadline: 4h\n      quorum: 2']],
    change: (tenant) => {
      events = Array.from({ length: 2 * DOORS.length }, () => anotherIncident(tenant));
    },
  });
});
afterAll(() => doors.stop());

const asked = async () => doors.responder.asked(await doors.responder.deliver(events.shift()), 'analysts');
const file = async ({ instanceId }: Request) => {
  await doors.responder.host.idle();
  return doors.responder.caseFile(instanceId);
};

it.each(DOORS)(
  'through %s: the first stands, the second is said not to count, and is audited',
  async (door) => {
    const request = await asked();
    const [one = '', two = ''] = request.approval.stepIds;
    expect(two).not.toBe('');
    const first = await doors.decide(door, request, { by, id: `twice-${door}`, steps: [one] });
    expect(first.counted).toBe(true);
    const second = await doors.decide(door, request, { by, id: `twice-${door}`, steps: [one, two] });
    expect(second.counted).toBe(false);
    expect(second.text).toMatch(
      /Another decision .{0,9}approve.{0,9} was sent with the same id before, and counted/,
    );
    expect(second.text).not.toContain('Your decision counts');

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
    expect(after?.refusedAtDoors?.kept).toMatchObject(kept);

    // The same content is a repetition, and gets the answer of the first.
    const again = await doors.decide(door, request, { by, id: `twice-${door}`, steps: [one] });
    expect(again.counted).toBe(true);
    expect((await file(request))?.refusedAtDoors?.kept).toMatchObject(kept);
  },
);

it.each(DOORS)('through %s, both at once: one is taken, the other is said not to count', async (door) => {
  const request = await asked();
  const both = await Promise.all(
    request.approval.stepIds.map((step) =>
      doors.decide(door, request, { by, id: `at-once-${door}`, steps: [step] }),
    ),
  );
  expect(both.map(({ counted }) => counted).sort()).toEqual([false, true]);
  const after = await file(request);
  expect(after?.decisions).toHaveLength(1);
  expect(after?.refusedAtDoors?.kept.map(({ code }) => code)).toEqual(['decision-id-reused']);
});

it('counts once over two requests while nothing is judged, and the case says so', async () => {
  const slow = await EveryDoor.start({
    playbook: [
      [
        '    tier: analysts\n    why: >-\n      The account was active',
        '    tier: leads\n    why: >-\n      The account was active',
      ],
      ['fourEyes: true', 'fourEyes: false'],
    ],
    introspection: {
      onActivity: ({ name }) => (name === 'judgeDecision' ? { kind: 'delay', ms: 60_000 } : undefined),
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
    const notes = after.timeline.filter(({ text }) => text.includes('with the id of another'));
    expect(notes).toHaveLength(2);
  } finally {
    await slow.stop();
  }
}, 60_000);
