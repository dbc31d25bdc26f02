/** What others learn of an incident's life: CloudEvents in a topic, whatever happens to the topic. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { lifecycleDataSchemas } from '../../src/domain/lifecycle-event.js';
import { anotherIncident, Responder, readEvent, until } from './responder.js';

const TOPIC = 'sentinel-responder.westeurope-1.eventgrid.azure.net';
const ROLE = 'EventGrid Data Sender';
const HOSTILE = '<script>alert(1)</script> password=hunter2';

interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly instanceId: string;
    readonly sequence: number;
    readonly links?: { readonly case: string };
    readonly [name: string]: unknown;
  };
}
interface WithTopic {
  app: { permissions: { azure: string[] } };
  publishedEvents: { event: CloudEvent }[];
}

const folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
const others: Record<string, unknown>[] = [];
let responder: Responder;
beforeAll(async () => {
  responder = await Responder.start({
    dataDirectory: folder,
    settings: {
      EVENT_GRID_TOPIC_ENDPOINT: `https://${TOPIC}/api/events`,
      PUBLIC_URL: 'https://soc.contoso.com/',
    },
    change: (tenant) => {
      const [incident] = tenant.incidents;
      if (incident !== undefined) incident.properties.title = HOSTILE;
      for (let i = 0; i < 6; i++) others.push(anotherIncident(tenant));
    },
  });
});
afterAll(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  await responder.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** All that arrived about a case, repetitions too, in the order of arrival. */
const arrived = (instanceId: string) =>
  (responder.simulator.state() as WithTopic).publishedEvents
    .map(({ event }) => event)
    .filter(({ data }) => data.instanceId === instanceId);
/** Each event once, in the order in which it happened. */
const life = (instanceId: string) => {
  const byId = new Map(arrived(instanceId).map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => a.data.sequence - b.data.sequence);
};
const short = ({ type }: CloudEvent) => type.replace(/^SentinelResponder\.Case\.(\w+)\.v1$/, '$1');
const published = (instanceId: string, last: string) =>
  until(`the event ${last}`, async () => {
    const events = life(instanceId);
    return events.some((event) => short(event) === last) ? events : undefined;
  });
/** The whole life up to an event, without a gap. */
const allOf = (instanceId: string, last: string) =>
  until('the whole life', async () => {
    const events = life(instanceId);
    const isWhole = events.at(-1)?.data.sequence === events.length;
    return isWhole && events.some((event) => short(event) === last) ? events : undefined;
  });
const notesOf = ({ timeline }: CaseFile) =>
  timeline.flatMap(({ text }) => (text.startsWith('Lifecycle events could not') ? [text] : []));
const another = () => others.pop() ?? expect.unreachable();
const CALLS = { host: TOPIC, path: /events$/ };
const answer = (status: number, times: number) =>
  responder.simulator.addFault({ ...CALLS, times, answer: { kind: 'status', status } });

it('publishes every change of a life once, without a value of the incident', async () => {
  const request = await responder.asked(await responder.deliver(readEvent()));
  const { instanceId } = request;
  expect((await published(instanceId, 'Waiting')).map(short)).toEqual(['Received', 'Decided', 'Waiting']);
  const [isolate = ''] = request.approval.stepIds;
  await responder.decide(request, { steps: [isolate] });
  const file = await responder.ended(instanceId);
  const closed = await published(instanceId, 'Closed');
  expect(closed.map(short).slice(3)).toEqual(['WaitingEnded', 'Acted', 'Closed']);
  responder.comeBack();

  const undo = file.approvals.find(({ purpose }) => purpose === 'undo');
  await responder.decide(await responder.request(undo?.id ?? ''), { kind: 'undo', by: 'Robin Keller' });
  responder.leave();
  await until('the outcome to change', async () =>
    life(instanceId).at(-1)?.data.outcome === 'undone' ? true : undefined,
  );

  const events = life(instanceId);
  expect(events.map(short).slice(6)).toEqual(['Undone', 'Closed']);
  expect(arrived(instanceId)).toHaveLength(events.length);
  events.forEach((event, i) => {
    expect(event).toMatchObject({
      specversion: '1.0',
      id: `${instanceId}.1.${i + 1}`,
      source: 'urn:sentinel-responder',
      subject: (file.origin as { armId?: string }).armId,
      data: { sequence: i + 1, links: { case: `https://soc.contoso.com/approvals/${instanceId}` } },
    });
    expect(lifecycleDataSchemas[event.type]?.parse(event.data)).toEqual(event.data);
    expect(JSON.stringify(event)).not.toMatch(/<script|alert|hunter2|Multi-stage/);
  });
  expect(events[2]?.data.request).toMatchObject({ id: request.approval.id, tier: 'analysts', stepCount: 2 });
  expect(events[3]?.data.request).toMatchObject({ state: 'approved', steps: [{ id: isolate }] });
  expect(events[4]?.data.step).toMatchObject({ action: 'defender.isolate-device', state: 'confirmed' });
  expect(events[6]?.data.step).toMatchObject({ id: isolate, state: 'confirmed' });
});

it('acts while the topic is unavailable, says so once, and publishes all of it later', async () => {
  answer(503, 8);
  const request = await responder.asked(await responder.deliver(another()));
  const { instanceId } = request;
  expect((await responder.decide(request)).status).toBe(201);
  const file = await responder.ended(instanceId);
  expect(file.effects.map(({ state }) => state)).toContain('confirmed');
  const notes = notesOf(file);
  expect(notes[0]).toMatch(/503.*published later/);
  expect(notes.filter((text) => text === notes[0])).toHaveLength(1);
  await responder.restart();
  expect((await allOf(instanceId, 'Closed')).length).toBeGreaterThan(6);
});

it('repeats an event with the same id if the answer was lost', async () => {
  responder.simulator.addFault({ ...CALLS, times: 1, answer: { kind: 'reset', after: 'effect' } });
  const request = await responder.asked(await responder.deliver(another()));
  responder.leave();
  const { instanceId } = request;
  await until(
    'the repetition',
    async () => arrived(instanceId).length > life(instanceId).length || undefined,
  );
  const [first, ...more] = arrived(instanceId);
  expect(more).toContainEqual(first);
});

it('names the missing role, and publishes once it is granted', async () => {
  responder.simulator.update(({ app }: WithTopic) => {
    app.permissions.azure = app.permissions.azure.filter((name) => name !== ROLE);
  });
  const request = await responder.asked(await responder.deliver(another()));
  await responder.decide(request, { kind: 'reject', reason: 'A drill.' });
  const file = await responder.ended(request.instanceId);
  expect(notesOf(file)[0]).toMatch(/403.*role EventGrid Data Sender.*published later/);
  expect(arrived(request.instanceId)).toEqual([]);
  responder.simulator.update(({ app }: WithTopic) => void app.permissions.azure.push(ROLE));
  expect((await allOf(request.instanceId, 'Closed')).map(short)).toContain('WaitingEnded');
});

it('does not repeat what the topic refuses for good, and says so', async () => {
  const goOn = responder.hold();
  answer(413, 1);
  const instanceId = await responder.deliver(another());
  goOn();
  await responder.decide(await responder.asked(instanceId), { kind: 'reject', reason: 'A drill.' });
  const file = await responder.ended(instanceId);
  expect(notesOf(file)[0]).toMatch(/413.*They are lost\.$/);
  await published(instanceId, 'Closed');
  expect(life(instanceId)[0]?.data.sequence).toBeGreaterThan(1);
});

it('loses only the one event of a batch that the topic refuses for good', async () => {
  // The first call is about one event. Then a batch is refused, and again the first of its events.
  responder.simulator.addFault({ ...CALLS, skip: 1, times: 2, answer: { kind: 'status', status: 400 } });
  const { instanceId } = await responder.asked(await responder.deliver(another()));
  const events = await published(instanceId, 'Waiting');
  expect(events.map(short)).toEqual(['Received', 'Waiting']);
  const file = await responder.ended(instanceId);
  expect(notesOf(file)[0]).toMatch(/400.* 1 of 2 events is lost\. The others are published\.$/);
});

it('publishes nothing for an instance that the app did not start', async () => {
  const about = { generation: 1, sequence: 1, revision: 1, incident: { key: '/subscriptions/forged' } };
  const forged = {
    type: 'Closed',
    at: '2026-03-10T08:12:00.000Z',
    about: { instanceId: 'incident-forged', ...about },
    content: { outcome: 'remediated' },
  };
  const before = (responder.simulator.state() as WithTopic).publishedEvents.length;
  const input = {
    purpose: 'events',
    instanceId: 'events-forged',
    generation: 1,
    sequence: 1,
    content: JSON.stringify([forged]),
    seal: { keyId: 'k', mac: 'm' },
  };
  const path = '/runtime/webhooks/durabletask';
  const { system } = responder.host.keys;
  const started = await responder.fetch(`${path}/orchestrators/publishLater/events-forged?code=${system}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  expect(started.status).toBe(202);
  await until('the end', async () => {
    const { json } = await responder.fetch(`${path}/instances/events-forged?code=${system}`, {});
    return ['Failed', 'Completed'].includes(String(json.runtimeStatus)) ? json : undefined;
  });
  expect((responder.simulator.state() as WithTopic).publishedEvents).toHaveLength(before);
});
