/** Nobody decides more often than people do, whatever doors they use. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOORS, EveryDoor } from './every-door.js';
import type { Analyst, Request } from './responder.js';

const MOST = 60;
let doors: EveryDoor;
let request: Request;
beforeAll(async () => {
  doors = await EveryDoor.start();
  request = await doors.responder.asked(await doors.responder.deliver(), 'analysts');
});
afterAll(() => doors.stop());

/** Calls that are counted and say too little to be judged. */
const useUp = (by: Analyst, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) => {
      const path = `/api/approvals/${request.approval.id}/${['decisions', 'extend', 'undo'][i % 3]}`;
      return doors.responder.call('POST', path, {}, { by });
    }),
  );

it('counts all doors and all kinds of decision together, undo and more time among them', async () => {
  await useUp('Noor Haddad', MOST - 3);
  const before = (await doors.responder.caseFile(request.instanceId))?.decisions.length ?? 0;
  for (const door of ['page', 'teams', 'service-bus'] as const) {
    const { text } = await doors.decide(door, request, { by: 'Noor Haddad' });
    expect(text).toContain('not an approver');
  }
  const decided = async () => (await doors.responder.caseFile(request.instanceId))?.decisions.length;
  expect(await decided()).toBe(before + 3);
  for (const door of DOORS) {
    for (const kind of ['approve', 'undo'] as const) {
      const said = await doors.decide(door, request, { by: 'Noor Haddad', kind });
      expect([door, kind, said.counted]).toEqual([door, kind, false]);
      expect(said.text).toContain('came from you in the last minute than a person makes');
    }
  }
  expect(await decided()).toBe(before + 3);
  // Others decide.
  expect((await doors.decide('service-bus', request, { by: 'Robin Keller' })).counted).toBe(true);
});
