/** Incidents that Sentinel does not return in full at first: waited for, shown meanwhile, and never "nothing to do". */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { anotherIncident, Responder, readEvent, type Tenant, until } from './responder.js';

const MINUTE = 60_000;
const TITLE = '<b>Ransomware</b> on a\u202e device';
type Name =
  | 'late'
  | 'never'
  | 'quick'
  | 'alertsLate'
  | 'unread'
  | 'forbidden'
  | 'gone'
  | 'appears'
  | 'closed';

let responder: Responder;
const events = {} as Record<Name, Record<string, unknown>>;
const ids = {} as Record<Name, string>;
const nameOf = (name: Name) =>
  String((events[name].object as { name: string }).name) || 'an incident without a name';

beforeAll(async () => {
  const names = ['late', 'never', 'quick', 'alertsLate', 'unread', 'forbidden', 'closed'] as const;
  responder = await Responder.start({
    nobodyIsThere: true,
    change: (tenant: Tenant) => {
      for (const name of names) events[name] = anotherIncident(tenant);
      for (const name of ['gone', 'appears'] as const) {
        const text = JSON.stringify(readEvent());
        const missing = name === 'gone' ? '000000009999' : '000000009998';
        events[name] = JSON.parse(text.replaceAll('000000002001', missing)) as Record<string, unknown>;
        (events[name].object as { properties: { title: string } }).properties.title = TITLE;
      }
      for (const incident of tenant.incidents) {
        if (['late', 'never'].some((name) => nameOf(name as Name) === incident.name)) incident.entities = [];
        if (nameOf('closed') === incident.name) incident.properties.status = 'Closed';
      }
    },
  });
  addFaults('quick', 'entities', 404, 4);
  addFaults('alertsLate', 'alerts', 404, 4);
  addFaults('unread', 'entities', 500, 1_000);
  addFaults('forbidden', 'entities', 403, 1_000);
  addFaults('closed', 'entities', 500, 1_000);
  const goOn = responder.hold();
  for (const name of [...names, 'gone', 'appears'] as const)
    ids[name] = await responder.deliver(events[name]);
  checks();
  goOn();
});
afterAll(() => responder.stop());

function addFaults(name: Name, part: 'alerts' | 'entities', status: number, times: number): void {
  const path = new RegExp(`${nameOf(name)}/${part}$`, 'i');
  responder.simulator.addFault({
    host: 'management.azure.com',
    method: 'POST',
    path,
    times,
    answer: { kind: 'status', status },
  });
}

interface Listed {
  readonly instanceId: string;
  readonly title?: string;
  readonly severity?: string;
  readonly reading?: { because: string; part: string; until: string };
  readonly unfinished?: string;
}
const listed = async (name: Name) => {
  const { json } = await responder.call('GET', '/api/incidents');
  return (json.incidents as Listed[]).find(({ instanceId }) => instanceId === ids[name]);
};
const commentOn = (name: Name) => {
  const comments = responder.tenant().comments as unknown as {
    incident: string;
    properties: { message: string };
  }[];
  return comments.find(({ incident }) => incident === nameOf(name))?.properties.message;
};
const seen = {} as Record<'before' | 'after' | 'goneAfter' | 'page', unknown>;

function checks(): void {
  void responder.at(4 * MINUTE, async () => {
    seen.before = [commentOn('unread'), commentOn('late')];
  });
  void responder.at(3 * MINUTE, async () => {
    responder.simulator.update((tenant: Tenant) => {
      const [first] = tenant.incidents;
      const late = tenant.incidents.find(({ name }) => name === nameOf('late'));
      if (first === undefined || late === undefined) throw new Error('no incident');
      late.entities = structuredClone(first.entities);
      const properties = { ...first.properties, providerIncidentId: '2418' };
      tenant.incidents.push({ ...structuredClone(first), name: nameOf('appears'), properties });
    });
  });
  void responder.at(5 * MINUTE + 1_000, async () => {
    seen.after = [commentOn('unread'), await listed('unread')];
    seen.goneAfter = await listed('gone');
    seen.page = await responder.caseFile(ids.gone);
  });
}

const planned = (name: Name) =>
  until(`the plan of ${name}`, async () => {
    const file = await responder.caseFile(ids[name]);
    return file?.plan === undefined && file?.outcome === undefined ? undefined : file;
  });
const minutesUntil = ({ timeline, receivedAt }: CaseFile, text: string) => {
  const entry = timeline.find((one) => one.text.includes(text));
  return entry && (Date.parse(entry.at) - Date.parse(receivedAt)) / MINUTE;
};

it.each(['late', 'quick', 'alertsLate', 'appears'] as const)(
  'waits for minutes for what is not there yet, and then handles the incident: %s',
  async (name) => {
    const file = await planned(name);
    expect(file.plan?.steps.length).toBeGreaterThan(0);
    expect(file.title).not.toContain('not read yet');
    expect(minutesUntil(file, 'Read back')).toBeGreaterThan(1);
    expect(minutesUntil(file, 'Read back')).toBeLessThan(11);
  },
);

it('leaves an incident without entities to people after a quarter of an hour, and says so', async () => {
  const file = await responder.ended(ids.never);
  expect(file).toMatchObject({ outcome: 'needs-analyst', unfinished: 'no-entities' });
  expect(minutesUntil(file, 'Read back')).toBeGreaterThan(10);
  expect(commentOn('never')).toContain('No entities came');
  expect(commentOn('never')).not.toContain('nothing to do');
  expect(await listed('never')).toMatchObject({ unfinished: 'no-entities' });
});

it('informs people after five minutes, on the incident, in the list and in the case', async () => {
  const file = await responder.ended(ids.unread);
  expect(seen.before).toEqual([undefined, undefined]);
  const [comment, entry] = seen.after as [string, Listed];
  expect(comment).toContain('its entities cannot be read; trying until 2026-03-10');
  expect(entry).toMatchObject({
    severity: 'high',
    title: file.title,
    reading: { because: 'unavailable', part: 'entities' },
  });
  expect(file.title).not.toContain('not read yet');
  // After a working day, people take over.
  expect(file).toMatchObject({ outcome: 'needs-analyst', unfinished: 'unreadable' });
  expect(minutesUntil(file, 'could not be read')).toBeGreaterThan(480);
  expect(commentOn('unread')).toContain('The next delivery of the incident, or a retry');
  const warned = responder.events.filter(
    (event) => event.kind === 'log' && event.level === 'warning' && event.message.includes(ids.unread),
  );
  expect(warned.length).toBeGreaterThan(5);
});

it('shows what the event says about an incident that Sentinel does not return, and ends it as open', async () => {
  const file = await responder.ended(ids.gone);
  const entry = seen.goneAfter as Listed;
  expect(entry).toMatchObject({ title: '<b>Ransomware</b> on a device (not read yet)', severity: 'high' });
  expect(entry.reading).toMatchObject({ because: 'not-found', part: 'incident' });
  expect(file).toMatchObject({ outcome: 'incident-gone', unfinished: 'gone' });
  expect(minutesUntil(file, 'could not be read')).toBeGreaterThan(10);
});

it('ends at once where a permission is missing, and says so on the incident', async () => {
  const file = await responder.ended(ids.forbidden);
  expect(file).toMatchObject({ outcome: 'needs-analyst', unfinished: 'no-permission' });
  expect(minutesUntil(file, 'could not be read')).toBeLessThan(1);
  expect(commentOn('forbidden')).toContain('The responder lacks a permission');
});

it('needs no entities of a closed incident', async () => {
  const file = await responder.ended(ids.closed);
  expect(file.outcome).toBe('incident-closed');
  expect(file.unfinished).toBeUndefined();
  expect(minutesUntil(file, 'Ended')).toBeLessThan(1);
});
