/** What a trigger could not use is stored whole, and can be submitted again or dropped by analysts. */
import { createHash } from 'node:crypto';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, Responder, readEvent, until } from './responder.js';

const LIMIT = 16;
let responder: Responder;
let bus: ServiceBusClient;

beforeAll(async () => {
  responder = await Responder.start({
    settings: { REJECTED_PER_HOUR: String(LIMIT) },
    change: (tenant) => {
      for (const { properties } of tenant.incidents) properties.severity = 'Low';
    },
  });
  bus = new ServiceBusClient(responder.host.serviceBusConnectionString ?? '');
});
afterAll(async () => {
  await bus.close();
  await responder.stop();
});

interface Entry {
  readonly id: string;
  readonly state: string;
  readonly code: string;
  readonly trigger: string;
  readonly count: number;
  readonly bytes: number;
}
const list = async () => (await responder.call('GET', '/api/rejected')).json.rejected as Entry[];
const show = async (id: string) => (await responder.call('GET', `/api/rejected/${id}`)).json;
const contentOf = async (id: string) => (await show(id)).content as { form: string; text: string };
const act = (id: string, what: string): Promise<Answer> =>
  responder.call('POST', `/api/rejected/${id}/${what}`);
const post = (body: unknown) => responder.call('POST', '/api/incidents', body);
const entry = (what: string, is: (entry: Entry) => boolean) =>
  until(what, async () => (await list()).find(is));

async function send(body: unknown, messageId: string): Promise<void> {
  const sender = bus.createSender('incidents');
  await sender.sendMessages({ body, messageId });
  await sender.close();
}

it('keeps 320 KB from Event Grid and 240 KB from Service Bus, byte for byte', async () => {
  /** It cannot be compressed much, and its text has signs that JSON escapes. */
  const large = (size: number) => ({
    result: [1.5, null, '"\\\u00e9\u2028'],
    more: Array.from({ length: size / 91 }, (_, n) => createHash('sha512').update(`${n}`).digest('base64')),
  });
  const [topic] = responder.host.eventGridTopics;
  const publisher = new EventGridPublisherClient(
    topic?.url ?? '',
    'EventGrid',
    new AzureKeyCredential(topic?.key ?? ''),
    { allowInsecureConnection: true },
  );
  const bodies = { 'event-grid': large(320_000), 'service-bus': large(230_000) };
  await publisher.send([
    { eventType: 'Contoso.Incident', subject: 's', dataVersion: '1', data: bodies['event-grid'] },
  ]);
  await send(bodies['service-bus'], 'large');
  for (const [trigger, body] of Object.entries(bodies)) {
    const { id, bytes } = await entry(trigger, (one) => one.trigger === trigger);
    const text = JSON.stringify(body);
    expect((await contentOf(id)).text === text).toBe(true);
    expect(bytes).toBe(Buffer.byteLength(text));
    expect((await act(id, 'resubmit')).json).toMatchObject({ status: 422, code: 'unknown-shape' });
    expect((await contentOf(id)).text === text).toBe(true);
  }
});

it('keeps the same content once, and counts how often it arrived', async () => {
  const first = await post({ hello: 'world' });
  expect(first.json).toMatchObject({ code: 'unknown-shape', kept: [expect.stringMatching(/^rejected-/)] });
  const [id = ''] = first.json.kept as string[];
  expect((await post({ hello: 'world' })).json.kept).toEqual([id]);
  await send('{"hello":"world"}', 'one');
  await entry('three times', (one) => one.id === id && one.count === 3);
  // The same message, delivered again.
  await send('{"hello":"world"}', 'one');
  await until('the fourth delivery', async () =>
    responder.events.filter((e) => e.kind === 'invocation-ended' && e.name === 'intakeFromServiceBus')
      .length >= 3
      ? true
      : undefined,
  );
  expect(await show(id)).toMatchObject({ count: 3, trigger: 'service-bus', messageId: 'one', state: 'open' });
});

it('keeps only what is rejected of a body with several items, and all of it if that is much', async () => {
  const bad = (n: number) => ({ bad: n });
  const several = await post([bad(1), readEvent(), bad(2), bad(1)]);
  expect(several.status).toBe(202);
  expect(several.json.results).toMatchObject([
    { status: 'rejected', code: 'unknown-shape', place: '[0]' },
    { status: 'accepted' },
    { status: 'rejected', place: '[2]' },
    { status: 'rejected', place: '[3]' },
  ]);
  const [one = '', two = '', again] = several.json.kept as string[];
  expect(again).toBe(one);
  expect([JSON.parse((await contentOf(one)).text), JSON.parse((await contentOf(two)).text)]).toEqual([
    bad(1),
    bad(2),
  ]);
  expect(await show(two)).toMatchObject({ path: '[2]' });

  const body = JSON.stringify([readEvent(), ...Array.from({ length: 21 }, (_, n) => bad(n))]);
  const much = await post(body);
  expect([much.status, (much.json.kept as string[]).length]).toEqual([200, 1]);
  const [whole = ''] = much.json.kept as string[];
  expect((await contentOf(whole)).text).toBe(body);
  expect(await show(whole)).toMatchObject({ items: 21 });
  const resubmitted = await act(whole, 'resubmit');
  expect((resubmitted.json.results as unknown[])[0]).toMatchObject({ status: 'duplicate' });
  expect((await post([bad(1), bad(2)])).status).toBe(422);
});

it('takes a body again that is understood now, and records who did that', async () => {
  const bytes = Buffer.from('\ufeff{"hello": "\\ud800 <script>\u202e"}');
  const answer = await responder.fetch('/api/incidents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bytes,
  });
  const [id = ''] = answer.json.kept as string[];
  const { form, text } = await contentOf(id);
  expect([form, text]).toEqual(['text', bytes.toString('utf8')]);
  const again = await responder.call('POST', `/api/rejected/${id}/resubmit`, undefined, {
    by: 'Robin Keller',
  });
  expect(again.json).toMatchObject({ status: 422, code: 'unknown-shape' });
  expect(await show(id)).toMatchObject({
    state: 'open',
    actions: [{ kind: 'resubmit', by: { name: 'Robin Keller' }, results: ['unknown-shape'] }],
  });
});

it('deletes the content of a body that is dropped, and keeps who dropped it', async () => {
  const [id = ''] = (await post('{"drop":"me"}')).json.kept as string[];
  expect((await act(id, 'drop')).json).toEqual({ id, state: 'dropped' });
  expect((await act(id, 'drop')).status).toBe(200);
  const dropped = await show(id);
  expect(dropped).toMatchObject({
    state: 'dropped',
    actions: [{ kind: 'drop', by: { name: 'Local analyst' } }],
  });
  expect(dropped.content).toBeUndefined();
  expect(dropped.actions).toHaveLength(1);
  const refused = await act(id, 'resubmit');
  expect([refused.status, refused.json.code]).toEqual([410, 'dropped']);
  // It arrives again.
  expect((await post('{"drop":"me"}')).json.kept).toEqual([id]);
  expect(await show(id)).toMatchObject({ state: 'open', count: 2, content: { text: '{"drop":"me"}' } });
});

it('shows nothing to callers who are not signed in, and no body that the app did not store', async () => {
  const [{ id }] = (await list()) as [Entry];
  for (const [method, path] of [
    ['GET', ''],
    ['GET', `/${id}`],
    ['POST', `/${id}/resubmit`],
    ['POST', `/${id}/drop`],
  ] as const) {
    expect((await responder.fetch(`/api/rejected${path}`, { method })).status).toBe(401);
  }
  const forged = `rejected-${'0'.repeat(40)}`;
  const { id: _, ...facts } = await show(id);
  const content = JSON.stringify({ ...facts, content: { form: 'text', data: '' } });
  const input = { purpose: 'rejected-body', instanceId: forged, generation: 1, sequence: 1, content };
  const { system } = responder.host.keys;
  await responder.fetch(
    `/runtime/webhooks/durabletask/orchestrators/keepRejectedBody/${forged}?code=${system}`,
    { method: 'POST', body: JSON.stringify({ ...input, seal: { keyId: '', mac: '' } }) },
  );
  expect((await responder.call('GET', `/api/rejected/${forged}`)).json.code).toBe('unknown-rejected');
  expect((await act('rejected-nothing', 'drop')).json.code).toBe('unknown-rejected');
});

it('stores only so many in an hour: HTTP says so, and a message stays in Service Bus', async () => {
  let answer: Answer;
  let tries = 0;
  do answer = await post({ flood: tries });
  while (answer.json.kept !== undefined && ++tries < 2 * LIMIT);
  expect(tries).toBeLessThan(LIMIT);
  expect(answer.json).toMatchObject({ status: 422, code: 'unknown-shape' });
  expect(answer.json.detail).toContain('not stored');
  await send({ flood: 'more' }, 'flood');
  const dead = bus.createReceiver('incidents', {
    subQueueType: 'deadLetter',
    receiveMode: 'receiveAndDelete',
  });
  const [message] = await dead.receiveMessages(1, { maxWaitTimeInMs: 30_000 });
  expect(message?.body).toEqual({ flood: 'more' });
  await dead.close();
});
