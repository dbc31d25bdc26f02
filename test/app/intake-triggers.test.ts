import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Responder, readEvent, readTenant, until } from './responder.js';

let responder: Responder;
let bus: ServiceBusClient;

beforeAll(async () => {
  responder = await Responder.start({
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

async function send(...bodies: unknown[]): Promise<void> {
  const sender = bus.createSender('incidents');
  for (const body of bodies) await sender.sendMessages({ body, messageId: 'from-a-test' });
  await sender.close();
}

async function publish(...data: unknown[]): Promise<void> {
  const topic = responder.host.eventGridTopics[0];
  if (topic === undefined) throw new Error('no topic');
  const client = new EventGridPublisherClient(topic.url, 'EventGrid', new AzureKeyCredential(topic.key), {
    allowInsecureConnection: true,
  });
  await client.send(
    data.map((one) => ({
      eventType: 'Contoso.Incident',
      subject: 'incident',
      dataVersion: '1',
      data: one as object,
    })),
  );
}

/** Sends an event as raw bytes, because the client library cannot produce all possible bodies. */
function postEvent(data: string): Promise<{ readonly status: number }> {
  return responder.fetch('/runtime/webhooks/eventgrid?functionName=intakeFromEventGrid', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'aeg-event-type': 'Notification',
      'aeg-sas-key': responder.host.keys.system,
    },
    body: `[{"id":"e1","eventType":"Contoso.Incident","subject":"x","dataVersion":"1","eventTime":"2026-03-10T08:12:00Z","data":${data}}]`,
  });
}

/** Receives the next message from the rejected queue. */
async function putAside(): Promise<Record<string, unknown>> {
  const receiver = bus.createReceiver('incidents-rejected', { receiveMode: 'receiveAndDelete' });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 8_000 });
  await receiver.close();
  return (message as ServiceBusReceivedMessage | undefined)?.body ?? {};
}

/** The next message of the rejected queue, with the content of what it reports. */
async function kept(): Promise<{ notice: Record<string, unknown>; form?: string; content?: unknown }> {
  const notice = await putAside();
  const { json } = await responder.call('GET', `/api/rejected/${notice.id}`);
  const { form, text } = json.content as { form: string; text: string };
  return { notice, form, content: form === 'text' ? text : JSON.parse(text) };
}

const incidents = async () =>
  (await responder.call('GET', '/api/incidents')).json.incidents as { instanceId: string }[];

it('handles an incident once that arrives through all three triggers, twice through each', async () => {
  const event = readEvent();
  await Promise.all([
    send(event, event),
    publish(event, event),
    responder.call('POST', '/api/incidents', event),
    responder.call('POST', '/api/incidents', event.object),
  ]);
  const ended = () =>
    responder.events.filter(
      (seen) =>
        seen.kind === 'invocation-ended' &&
        seen.ok &&
        /^intakeFrom(ServiceBus|EventGrid|Http)$/.test(seen.name),
    );
  await until('all six deliveries', async () => (ended().length === 6 ? true : undefined));
  const started = responder.events.filter(
    (seen) => seen.kind === 'instance-changed' && seen.runtimeStatus === 'Pending',
  );
  expect(started).toHaveLength(1);
  expect(await incidents()).toHaveLength(1);
});

it('takes a delivery of an incident that was handled before as a duplicate', async () => {
  const instanceId = await responder.deliver();
  await responder.ended(instanceId);
  const again = await responder.call('POST', '/api/incidents', readEvent());
  expect([again.status, again.json.status, again.json.instanceId]).toEqual([200, 'duplicate', instanceId]);
});

it('takes the incident as the REST API writes it, in a message of text in base64', async () => {
  const [incident] = readTenant().incidents;
  const id = String((readEvent().object as { id: string }).id);
  const rest = { id, name: incident?.name, type: 'Microsoft.SecurityInsights/Incidents', properties: {} };
  await send(Buffer.from(JSON.stringify(rest)).toString('base64'));
  await until('the message', async () =>
    responder.events.some(
      (seen) => seen.kind === 'log' && /duplicate/.test(seen.message) && /incident-/.test(seen.message),
    )
      ? true
      : undefined,
  );
});

it('takes a CloudEvent whose data its sender published as bytes', async () => {
  const topic = responder.host.eventGridTopics[0];
  if (topic === undefined) throw new Error('no topic');
  const options = { allowInsecureConnection: true };
  const key = new AzureKeyCredential(topic.key);
  const client = new EventGridPublisherClient(topic.url, 'CloudEvent', key, options);
  const data = new TextEncoder().encode(JSON.stringify(readEvent()));
  const [source, type, datacontenttype] = ['/contoso', 'Contoso.Incident', 'application/json'];
  const before = responder.events.length;
  await client.send([{ source, type, datacontenttype, data }]);
  await until('the event', async () =>
    responder.events
      .slice(before)
      .some((seen) => seen.kind === 'log' && /incident-.*duplicate/i.test(seen.message))
      ? true
      : undefined,
  );
});

const noIncident = [
  ['text', 'not JSON at all', 'malformed-json'],
  ['no incident id', { objectSchemaType: 'Incident', object: { properties: {} } }, 'no-incident-id'],
  [
    'the id of something else',
    { objectSchemaType: 'Incident', object: { id: '/subscriptions/x' } },
    'bad-incident-id',
  ],
  ['an unknown shape', { hello: 'world' }, 'unknown-shape'],
  ['a list', [7], 'not-an-object'],
] as const;

describe('a delivery that cannot be used is stored whole and reported to the rejected queue', () => {
  it.each(noIncident)('from Service Bus: %s', async (_what, body, code) => {
    await send(body);
    const { notice, content } = await kept();
    expect(notice).toMatchObject({ trigger: 'service-bus', messageId: 'from-a-test' });
    expect(content).toEqual(body);
    expect(notice.code).toBe(code);
    expect(notice.next).toBeTypeOf('string');
    expect(JSON.stringify(notice)).not.toMatch(/hello|not JSON at all/);
  });

  it('from Event Grid, and the event counts as delivered', async () => {
    await publish({ hello: 'you' });
    const { notice, content } = await kept();
    expect(notice).toMatchObject({ trigger: 'event-grid', code: 'unknown-shape' });
    expect(content).toEqual({ hello: 'you' });
  });

  it.each([
    ['objects', '{"a":', '}', 33_000],
    ['lists', '[', ']', 100_000],
    ['an incident', '{"objectSchemaType":"Incident","object":', '}', 5_000],
  ])('from Service Bus: %s nested thousands deep', async (_what, open, close, levels) => {
    const text = `${open.repeat(levels)}{}${close.repeat(levels)}`;
    const sender = bus.createSender('incidents');
    await sender.sendMessages({
      body: Buffer.from(text),
      contentType: 'application/json',
      messageId: 'from-a-test',
    });
    await sender.close();
    const notice = await putAside();
    expect(notice).toMatchObject({ trigger: 'service-bus', code: 'too-deep' });
    const { json } = await responder.call('GET', `/api/rejected/${notice.id}`);
    expect((json.content as { text: string }).text).toBe(text);
  });

  it('not from Event Grid if it is nested deeper than its extension reads: it never reaches the app', async () => {
    const taken = () =>
      responder.events.filter((e) => e.kind === 'invocation-started' && e.name === 'intakeFromEventGrid');
    const before = taken().length;
    for (const levels of [70, 5_000]) {
      const { status } = await postEvent(`{"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`);
      expect(status).toBe(500);
    }
    expect(taken()).toHaveLength(before);
  });
});

describe('a call that cannot be used gets a clear error', () => {
  it.each([
    ['malformed JSON', '{"object":', 400, 'malformed-json'],
    ['an empty body', '', 400, 'malformed-json'],
    ['no incident id', '{"objectSchemaType":"Incident","object":{"properties":{}}}', 422, 'no-incident-id'],
    ['an unknown shape', '{"hello":"world"}', 422, 'unknown-shape'],
    ['two megabytes', JSON.stringify({ hello: 'x'.repeat(2 * 1024 * 1024) }), 413, 'too-large'],
  ])('%s', async (_what, body, status, code) => {
    const answer = await responder.call('POST', '/api/incidents', body);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json.next).toBeTypeOf('string');
  });

  it('another content type', async () => {
    const answer = await responder.fetch('/api/incidents', { method: 'POST', body: '{}' });
    expect([answer.status, answer.json.code]).toEqual([415, 'not-json']);
  });
});

it('passes over entities of a kind that it does not know', async () => {
  const own = await Responder.start({
    change: (tenant) => {
      const [incident] = tenant.incidents;
      incident?.entities.push({
        name: '00000000-0000-4000-8000-00000000e999',
        kind: 'Teapot',
        properties: { friendlyName: 'teapot' },
      });
    },
  });
  try {
    const request = await own.asked(await own.deliver());
    expect(request.plan.steps).toHaveLength(2);
  } finally {
    await own.stop();
  }
});
