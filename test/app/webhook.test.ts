/** POST /api/incidents as the endpoint of an event subscription: handshakes, and batches in both schemas. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Responder, readEvent } from './responder.js';

let responder: Responder;
beforeAll(async () => {
  responder = await Responder.start({
    settings: { WEBHOOK_ORIGINS: 'eventgrid.azure.net, events.contoso.com' },
  });
});
afterAll(() => responder.stop());

const JSON_TYPE = 'application/json; charset=utf-8';
const BATCH_TYPE = 'application/cloudevents-batch+json; charset=utf-8';
const post = (body: unknown, headers: Record<string, string> = {}) =>
  responder.fetch('/api/incidents', {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  });
const event = (id: string, data: unknown) => ({
  ...{ id, topic: '/subscriptions/x', subject: 's', eventType: 'Contoso.Incident' },
  ...{ eventTime: '2026-03-10T08:12:00Z', dataVersion: '1', metadataVersion: '1', data },
});
const cloudEvent = (id: string, data: unknown) => ({
  ...{
    id,
    source: '/contoso',
    type: 'Contoso.Incident',
    time: '2026-03-10T08:12:00Z',
    specversion: '1.0',
    data,
  },
});
const handshake = (data: object) => ({
  ...event('v-1', data),
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
});

it("answers Event Grid's handshake with its code and nothing else", async () => {
  const data = {
    validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
    validationUrl: 'https://example.com/v',
  };
  const headers = { 'aeg-event-type': 'SubscriptionValidation' };
  const answer = await post([handshake(data)], headers);
  expect([answer.status, answer.json]).toEqual([200, { validationResponse: data.validationCode }]);
  for (const validationCode of ['<script>', 'x'.repeat(200), '', 7, undefined, ['0']]) {
    const other = await post([handshake({ validationCode })], headers);
    expect(other.status).toBe(400);
    expect(other.text).not.toContain('<script>');
    expect(other.json.validationResponse).toBeUndefined();
  }
  // A handshake is alone in its call.
  const two = await post([handshake(data), event('e', { hello: 'world' })], headers);
  expect(two.json.validationResponse).toBeUndefined();
});

it('answers the handshake of CloudEvents for the origins of its settings', async () => {
  const ask = (headers: Record<string, string>) =>
    responder.fetch('/api/incidents', { method: 'OPTIONS', headers });
  const answer = await ask({
    'webhook-request-origin': 'EventGrid.azure.net',
    'webhook-request-rate': '120',
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  expect(answer.headers.get('webhook-allowed-rate')).toBe('*');
  expect((await ask({ 'webhook-request-origin': 'events.contoso.com' })).status).toBe(200);
  for (const headers of [
    {},
    { 'webhook-request-origin': 'example.com' },
    { 'webhook-request-origin': '*' },
  ]) {
    const refused = await ask(headers as Record<string, string>);
    expect([refused.status, refused.json.code]).toEqual([403, 'foreign-origin']);
    expect(refused.headers.get('webhook-allowed-origin')).toBeNull();
  }
});

it('takes batches in both schemas, and the events of several incidents or none', async () => {
  const first = await post([event('e-1', readEvent())], { 'aeg-event-type': 'Notification' });
  expect([first.status, first.json.status]).toEqual([202, 'accepted']);
  const type = { 'content-type': BATCH_TYPE };
  const second = await post([cloudEvent('e-2', readEvent())], type);
  expect([second.status, second.json.status]).toEqual([200, 'duplicate']);
  const single = await post(cloudEvent('e-3', readEvent()), {
    'content-type': 'application/cloudevents+json',
  });
  expect([single.status, single.json.status]).toEqual([200, 'duplicate']);
  const mixed = await post([cloudEvent('e-4', readEvent()), cloudEvent('e-5', { hello: 'world' })], type);
  expect([mixed.status, mixed.json.results]).toMatchObject([
    200,
    [{ status: 'duplicate' }, { status: 'rejected', code: 'unknown-shape', place: '[1].data' }],
  ]);
  // Event Grid does not repeat what is answered 400. It is stored.
  const none = await post([event('e-6', { hello: 'you' })], { 'aeg-event-type': 'Notification' });
  expect([none.status, none.json]).toMatchObject([
    400,
    { code: 'unknown-shape', kept: [expect.stringMatching(/^rejected-/)] },
  ]);
  // A program that reads the answer gets the status of its fault.
  expect((await post([event('e-7', { hello: 'you' })])).status).toBe(422);
});

it('needs the function key for both handshakes', async () => {
  const listed = await responder.fetch('/admin/functions', {
    headers: { 'x-functions-key': responder.host.keys.master },
  });
  const functions = JSON.parse(listed.text) as {
    name: string;
    config: { bindings: { authLevel?: string }[] };
  }[];
  for (const name of ['intakeFromHttp', 'allowOrigin']) {
    const found = functions.find((one) => one.name === name);
    expect(found?.config.bindings[0]?.authLevel).toBe('function');
  }
});
