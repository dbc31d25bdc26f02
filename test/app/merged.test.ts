/** An incident that was merged into another one: its case hands over its requests, and what it has done. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { instanceIdOf } from '../../src/intake/index.js';
import { addDefenderIncident, defender, graphBody, send, TENANT_ID } from './defender-incidents.js';
import { again, change, type Event, noted } from './later-events.js';
import { anotherIncident, Responder, type Tenant, until } from './responder.js';

/** Each is an incident of Sentinel that Defender knows, too; `into` are incidents of Defender alone. */
const NAMES = ['waiting', 'acted', 'circle', 'refused'] as const;
type Name = (typeof NAMES)[number];
const ids = { waiting: '101', acted: '102', circle: '103', refused: '104' } as const;
const events = {} as Record<Name, Event>;
let responder: Responder;
const keyOf = (id: string) => `xdr:${TENANT_ID}/${id}`;
const targetOf = (id: string) => instanceIdOf(keyOf(id));

beforeAll(async () => {
  responder = await Responder.start({
    comesBack: true,
    change: (tenant) => {
      for (const name of NAMES) {
        events[name] = anotherIncident(tenant);
        const properties = tenant.incidents.at(-1)?.properties ?? {};
        const link = `https://security.microsoft.com/incidents/${ids[name]}?tid=${TENANT_ID}`;
        Object.assign(properties, { providerName: 'Microsoft XDR', providerIncidentId: ids[name] });
        Object.assign(properties.additionalData as object, { providerIncidentUrl: link });
        addDefenderIncident(tenant, ids[name]);
      }
      for (const id of ['201', '202', '203']) addDefenderIncident(tenant, id);
    },
  });
});
afterAll(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  await responder.stop();
});

/** Merges an incident, in Defender and in Sentinel, and delivers the event of it. */
async function merge(name: Name, into: string, after?: string): Promise<void> {
  responder.simulator.update((tenant: Tenant) => redirect(tenant, ids[name], into));
  if (after !== undefined) responder.simulator.update((tenant: Tenant) => redirect(tenant, into, after));
  change(responder, events[name], (incident) => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    Object.assign(incident.properties, { status: 'Closed', labels });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
  await send(responder, again(events[name]));
}
function redirect(tenant: Tenant, id: string, redirectIncidentId: string): void {
  const incident = defender(tenant).securityIncidents.find((one) => one.id === id);
  Object.assign(incident ?? {}, { status: 'redirected', redirectIncidentId, alerts: [] });
}
const file = async (instanceId: string): Promise<CaseFile> =>
  (await responder.caseFile(instanceId)) ?? expect.unreachable();
const texts = ({ timeline }: CaseFile) => timeline.map(({ text }) => text).join('\n');

it('hands a request that waits to a target whose case waits, too', async () => {
  const source = await responder.asked(await responder.deliver(events.waiting));
  const target = await responder.asked(String((await send(responder, graphBody('201'))).json.instanceId));
  await merge('waiting', '201');
  responder.leave();
  await noted(responder, target.instanceId, 'was merged into this one');
  const merged = await responder.ended(source.instanceId);
  expect(merged.approvals[0]).toMatchObject({ state: 'superseded', supersededBy: 'merged' });
  expect(merged).toMatchObject({
    outcome: 'incident-closed',
    mergedInto: { instanceId: target.instanceId, key: keyOf('201') },
  });
  expect(merged.unfinished).toBeUndefined();
  const taken = await file(target.instanceId);
  expect(taken.mergedFrom).toMatchObject([{ from: { instanceId: source.instanceId }, effects: [] }]);
  // Nothing was done yet, so its own request is still the one to decide.
  expect(taken.approvals[0]).toMatchObject({ id: target.approval.id, state: 'waiting' });
  expect(responder.effects()).toEqual([]);
});
