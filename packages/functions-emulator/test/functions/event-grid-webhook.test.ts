import { type Host, virtualClock } from 'functions-emulator';
import { describe, expect, test } from 'vitest';
import { type Started, start, toyApp } from './app.js';

const appDirectory = toyApp('functions-events');
const begin = Date.UTC(2031, 0, 1);
const settings = { SPAN: '1.00:00:00' };

const event = (id: string, data: object = {}): object => ({
  id,
  topic: '/topics/contoso',
  subject: 'incident',
  eventType: 'Contoso.Incident',
  eventTime: '2031-01-01T00:00:00Z',
  data,
  dataVersion: '1.0',
});

function post(
  host: Host,
  functionName: string,
  body: unknown,
  type = 'Notification',
  code = '',
): Promise<Response> {
  return fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=${functionName}&code=${code}`, {
    method: 'POST',
    headers: { 'aeg-event-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function seenIds(host: Started): Promise<unknown[]> {
  const seen = (await (await host.get('/api/seen')).json()) as { id?: unknown }[];
  return seen.filter(({ id }) => id !== undefined).map(({ id }) => id);
}

describe('the Event Grid webhook', () => {
  test('answers the validation of a subscription, by event and by the CloudEvents handshake', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    const validation = event('v', { validationCode: '00000000-0000-4000-8000-00000000a001' });
    const response = await post(host, 'incident', [validation], 'SubscriptionValidation');
    expect([response.status, await response.json()]).toEqual([
      200,
      { validationResponse: '00000000-0000-4000-8000-00000000a001' },
    ]);
    const handshake = await host.get('/runtime/webhooks/EventGrid?functionName=incident', {
      method: 'OPTIONS',
    });
    expect([handshake.status, handshake.headers.get('webhook-allowed-origin')]).toEqual([
      200,
      'eventgrid.azure.net',
    ]);
    expect(await seenIds(host)).toEqual([]);
  });

  test('runs one invocation for each event, or one for all with cardinality many', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    expect((await post(host, 'incident', [event('1'), event('2')])).status).toBe(202);
    expect((await post(host, 'incident', event('3'))).status).toBe(202);
    expect((await post(host, 'batch', [event('4'), event('5')])).status).toBe(202);
    expect(await seenIds(host)).toEqual(['1', '2', '3', ['4', '5']]);
  });

  test('answers 500 when one event fails, so that all are sent again, and has run the others', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    const response = await post(host, 'incident', [event('1', { fail: true }), event('2')]);
    expect([response.status, await response.text()]).toEqual([
      500,
      'Exception while executing function: Functions.incident',
    ]);
    expect(await seenIds(host)).toEqual(['1', '2']);
  });

  test('normalises dates in the event as the real host’s reader does', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    await post(
      host,
      'incident',
      event('1', {
        local: '2031-01-01T00:00:00+02:00',
        zeros: '2031-01-01T00:00:00.5000000Z',
        text: '2031-01-01',
        hours: '2031-01-01T00:00:00-03',
        lower: '2031-01-01T00:00:00z',
        old: '/Date(1924992000000)/',
        deep: [{ at: '2031-01-01T00:00:00.10+01:00' }],
      }),
    );
    const seen = (await (await host.get('/api/seen')).json()) as { id?: string; event: { data: object } }[];
    expect(seen.find(({ id }) => id === '1')?.event.data).toEqual({
      local: '2030-12-31T22:00:00+00:00',
      zeros: '2031-01-01T00:00:00.5Z',
      text: '2031-01-01',
      hours: '2031-01-01T03:00:00+00:00',
      lower: '2031-01-01T00:00:00Z',
      old: '2031-01-01T00:00:00Z',
      deep: [{ at: '2030-12-31T23:00:00.1+00:00' }],
    });
  });

  /** https://www.newtonsoft.com/json/help/html/P_Newtonsoft_Json_JsonReader_MaxDepth.htm */
  test('rejects an event nested deeper than 64, however long it is', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    const nested = (depth: number): string =>
      `{"id":"d${depth}","data":${'['.repeat(depth - 1)}"]]"${']'.repeat(depth - 1)}}`;
    expect((await post(host, 'incident', nested(64))).status).toBe(202);
    for (const depth of [65, 100_000]) {
      const answer = await post(host, 'incident', nested(depth));
      expect([answer.status, await answer.text()]).toEqual([500, '']);
    }
    expect(await seenIds(host)).toEqual(['d64']);
  });

  test('rejects unknown functions, unknown kinds of call, invalid JSON, and wrong keys', async () => {
    const host = await start({ appDirectory, settings, authOff: false, clock: virtualClock(begin) });
    const { master, system, function: functionKey } = host.keys;
    const status = async (...call: [string, unknown, string?, string?]): Promise<number> =>
      (await post(host, ...call)).status;
    expect(await status('INCIDENT', [event('1')], undefined, master)).toBe(404);
    expect(await status('seen', [event('1')], undefined, master)).toBe(404);
    expect(await status('incident', [event('1')], 'Other', master)).toBe(400);
    expect(await status('incident', '[{"id":', undefined, master)).toBe(500);
    expect(await status('incident', [event('before'), 5], undefined, master)).toBe(500);
    expect(await status('incident', [event('1')], undefined, 'wrong')).toBe(401);
    expect(await status('incident', [event('1')], undefined, functionKey)).toBe(403);
    expect(await status('incident', [event('1')], undefined, system)).toBe(403);
    expect(await seenIds(host)).toEqual(['before']);
  });

  test('waits for the retries of a retry policy, which take time of the host’s clock', async () => {
    const host = await start({ appDirectory, settings, clock: virtualClock(begin) });
    expect((await post(host, 'patient', event('1', { failures: 3 }))).status).toBe(202);
    const seen = (await (await host.get('/api/seen')).json()) as { id?: string; retry: number; at: string }[];
    const tries = seen.filter(({ id }) => id === '1').map(({ retry, at }) => [retry, at.slice(11, 19)]);
    expect(tries).toEqual([
      [0, '00:00:00'],
      [1, '00:00:10'],
      [2, '00:00:30'],
      [3, '00:01:10'],
    ]);
    expect((await post(host, 'patient', event('2', { failures: 4 }))).status).toBe(500);
  });
});
