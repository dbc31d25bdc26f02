/** An incident that is deleted after it was read: nothing more is done about it, in whatever state it is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anotherIncident, Responder, readEvent, type Tenant, until } from './responder.js';

const HOUR = 3_600_000;
const events = [readEvent()];
let responder: Responder;
beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => void events.push(anotherIncident(tenant)),
  });
});
afterAll(() => responder.stop());

/** Deletes the incident, and delivers it once more. */
async function remove(event: Record<string, unknown> | undefined): Promise<void> {
  responder.simulator.update((tenant: Tenant) => {
    const isOther = ({ name }: { name: string }) => !JSON.stringify(event).includes(name);
    tenant.incidents = tenant.incidents.filter(isOther);
  });
  await responder.deliver({ ...event, eventUniqueId: crypto.randomUUID() });
}

it('stops a step that was approved and could not be carried out yet', async () => {
  responder.simulator.addFault({
    host: 'api.security.microsoft.com',
    method: 'POST',
    path: /isolate$/,
    times: 1,
    answer: { kind: 'status', status: 429, retryAfterSeconds: 3_600 },
  });
  const request = await responder.asked(await responder.deliver(events[0]));
  await responder.decide(request, { steps: request.approval.stepIds.slice(0, 1) });
  await remove(events[0]);
  const file = await responder.ended(request.instanceId);
  expect(file.effects).toMatchObject([
    { state: 'failed', proof: 'Not carried out: the incident was deleted.' },
  ]);
  expect(file.timeline.map(({ text }) => text).join(' ')).toContain('it was deleted');
  expect(responder.tenant().machineActions.filter(({ type }) => type === 'Isolate')).toEqual([]);
  responder.comeBack();
});

it('lets what was done be undone', async () => {
  const request = await responder.asked(await responder.deliver(events[1]));
  const { instanceId } = request;
  await responder.decide(request, { steps: request.approval.stepIds.slice(0, 1) });
  const passed = responder.now() - Date.parse('2026-03-10T08:12:00Z');
  const deleted = responder.at(passed + HOUR, () => remove(events[1]));
  const undone = responder.at(passed + 3 * HOUR, async () => {
    const file = await responder.caseFile(instanceId);
    expect(file?.timeline.map(({ text }) => text).join(' ')).toContain('it was deleted');
    const undo = file?.approvals.find(({ purpose }) => purpose === 'undo');
    return responder.decide(await responder.request(undo?.id ?? ''), {
      kind: 'undo',
      by: 'Robin Keller',
      pending: true,
    });
  });
  responder.leave();
  await Promise.all([deleted, undone]);
  await until('the release', async () => {
    const [action] = responder.tenant().machineActions.filter(({ type }) => type === 'Unisolate');
    return action?.status === 'Succeeded' ? true : undefined;
  });
});
