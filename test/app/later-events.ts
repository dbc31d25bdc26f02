/** For tests of later deliveries of an incident. */
import { onTestFinished } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { anotherIncident, Responder, type ResponderOptions, type Tenant, until } from './responder.js';

export type Event = Record<string, unknown>;
type Incident = Tenant['incidents'][number];
let deliveries = 0;

/** The same incident, announced by another event. */
export function again(event: Event): Event {
  deliveries += 1;
  return { ...event, eventUniqueId: `another-${deliveries}`, objectEventType: 'Update' };
}
export const nameOf = (event: Event) => (event.object as { name: string }).name;

export async function start(
  events: number,
  change: (tenant: Tenant, all: Event[]) => void = () => undefined,
  options: ResponderOptions = {},
) {
  const all: Event[] = [];
  const responder = await Responder.start({
    ...options,
    change: (tenant) => {
      for (let n = 0; n < events; n++) all.push(anotherIncident(tenant));
      change(tenant, all);
    },
  });
  onTestFinished(() => responder.stop());
  return { responder, all };
}

export const submit = async (responder: Responder, event: Event): Promise<string> => {
  const answer = await responder.fetch('/api/incidents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  return String(answer.json.status);
};

export function change(responder: Responder, event: Event, how: (incident: Incident) => void): void {
  responder.simulator.update((tenant: Tenant) => {
    const incident = tenant.incidents.find(({ name }) => name === nameOf(event));
    if (incident === undefined) throw new Error('no incident');
    how(incident);
  });
}
export const noted = (responder: Responder, id: string, text: string) =>
  until(`the entry ${text}`, async () => {
    const file = await responder.caseFile(id);
    return file?.timeline.some((entry) => entry.text.includes(text)) ? file : undefined;
  });
export const waiting = (file: CaseFile | undefined) =>
  file?.approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond') ?? [];
export const isKind = (kind: string) => (entity: { kind: string }) => entity.kind === kind;
