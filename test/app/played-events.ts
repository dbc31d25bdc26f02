/** For tests of incidents that change while virtual time runs. */
import { expect } from 'vitest';
import { type Event, isKind, nameOf, start, waiting } from './later-events.js';
import type { Responder, ResponderOptions, Tenant } from './responder.js';

const MINUTE = 60_000;
export type Entity = Tenant['incidents'][number]['entities'][number];
export type Deeds = readonly (readonly [minute: number, deed: () => Promise<void>])[];

export const incidentOf = (tenant: Tenant, event: Event) => {
  const found = tenant.incidents.find(({ name }) => name === nameOf(event));
  return found ?? expect.fail('no incident');
};
export const entity = (kind: string, properties: Entity['properties']): Entity => ({
  kind,
  name: '00000000-0000-4000-8000-00000000e0e0',
  properties,
});
export const modelOf = (responder: Responder, kind: string): Entity[] =>
  structuredClone(responder.tenant().incidents[0]?.entities.filter(isKind(kind)) ?? []);

/** Responds to the events of some incidents while virtual time runs from one deed to the next. */
export async function play(
  events: number,
  deeds: (responder: Responder, all: readonly Event[], ids: readonly string[]) => Deeds,
  prepare: (tenant: Tenant, all: Event[]) => void = () => undefined,
  options: ResponderOptions = {},
) {
  const { responder, all } = await start(events, prepare, { nobodyIsThere: true, ...options });
  const goOn = responder.hold();
  const ids: string[] = [];
  const done = deeds(responder, all, ids).map(([minute, deed]) => responder.at(minute * MINUTE, deed));
  for (const event of all) ids.push(await responder.deliver(event));
  goOn();
  await Promise.all(done);
  return responder;
}
export const caseOf = async (responder: Responder, id: string | undefined) =>
  (await responder.caseFile(id ?? '')) ?? expect.fail('no case file');
export const waitingOf = async (responder: Responder, id: string | undefined) => {
  const [request, ...others] = waiting(await caseOf(responder, id));
  expect(others).toEqual([]);
  return responder.request(request?.id ?? '');
};
