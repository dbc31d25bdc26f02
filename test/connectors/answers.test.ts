import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../packages/tenant-simulator/test/contoso.js';
import { apis, type Clients } from '../../src/actions/services.js';
import { createClients } from '../../src/connectors/index.js';
import { kql } from '../../src/domain/builders/kql.js';
import { path } from '../../src/domain/builders/path.js';

const anything = z.unknown();
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A server that answers everything alike, and clients that take it for Azure. */
async function answering(status: number, headers: OutgoingHttpHeaders, body: string): Promise<Clients> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const credential = { getToken: async () => ({ token: 'a', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const simulatedTenantUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createClients(
    apis,
    { simulatedTenantUrl },
    { clock: new ManualClock(), credential, sleep: async () => undefined },
  );
}
const json = { 'content-type': 'application/json' };
const query = ({ logs }: Clients) => logs.query('00000000-0000-4000-8000-0000000000ab', kql('T', {}), 'P1D');

describe('the wait that a service asks for', () => {
  it.each([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Tue, 10 Mar 2026 08:15:00 GMT' }, 180_000],
    [{ 'retry-after': 'Tue, 10 Mar 2026 08:00:00 GMT' }, 0],
    [{ 'x-ms-retry-after-ms': '2500', 'retry-after': '3' }, 2500],
    [{ 'retry-after-ms': '2500' }, 2500],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '99999999999999999999' }, undefined],
    [{}, undefined],
  ])('as %j is %s ms', async (headers, retryAfterMs) => {
    const { graph, defender } = await answering(429, { ...json, ...headers }, '{}');
    for (const call of [
      () => graph.get(path`/v1.0/users/x`, anything),
      () => defender.post(path`/api/machines/x/isolate`, {}, anything),
    ]) {
      const info = await call().then(
        () => ({}),
        (error: { info: object }) => error.info,
      );
      expect(info).toMatchObject({ code: 'throttled', retry: 'later' });
      expect(info).toEqual(
        retryAfterMs === undefined
          ? expect.not.objectContaining({ retryAfterMs: expect.anything() })
          : expect.objectContaining({ retryAfterMs }),
      );
    }
  });
});

describe('Log Analytics', () => {
  it.each([
    ['204', 204, ''],
    ['nothing', 200, ''],
    ['no tables', 200, '{"tables":[]}'],
  ])('that answers with %s has no rows', async (_what, status, body) => {
    expect(await query(await answering(status, body === '' ? {} : json, body))).toEqual({
      rows: [],
      partial: false,
    });
  });

  it('gives values as JSON has them, and dynamic ones parsed', async () => {
    const columns = [
      ['At', 'datetime'],
      ['Never', 'datetime'],
      ['Set', 'dynamic'],
      ['Text', 'dynamic'],
      ['Count', 'long'],
    ].map(([name, type]) => ({ name, type }));
    const row = ['2026-03-10T07:37:20.6612345Z', null, '["a",1]', 'no JSON', 3];
    const tables = [
      { name: 'Other', columns: [], rows: [] },
      { name: 'PrimaryResult', columns, rows: [row] },
    ];
    const { rows } = await query(await answering(200, json, JSON.stringify({ tables })));
    expect(rows).toEqual([
      { At: '2026-03-10T07:37:20.6612345Z', Never: null, Set: ['a', 1], Text: 'no JSON', Count: 3 },
    ]);
  });

  it.each([
    [
      400,
      {
        error: { code: 'BadArgumentError', message: 'x', innererror: { code: 'SyntaxError', message: 'x' } },
      },
      'invalid-request',
      'SyntaxError',
    ],
    [
      403,
      { error: 'invalid_grant', error_description: 'AADSTS70002: x', error_codes: [70002] },
      'forbidden',
      'invalid_grant',
    ],
    [404, { error: { code: 'PathNotFoundError', message: 'x' } }, 'not-found', 'PathNotFoundError'],
    [200, { tables: [{ name: 'PrimaryResult', rows: [] }] }, 'bad-answer', undefined],
  ])('that answers with %i fails', async (status, body, code, serviceCode) => {
    const clients = await answering(status, json, JSON.stringify(body));
    await expect(query(clients)).rejects.toMatchObject({
      info: { code, ...(serviceCode ? { serviceCode } : {}) },
    });
  });
});

describe('words of a service', () => {
  const hostile = '</script><b>\u202e\n\u001b[31m key=secret sig=abc eyJhbGciOiJub25lIn0.e30.x';
  it.each([
    ['an error', { error: { code: hostile, message: hostile, target: hostile } }],
    ['no error', { anything: hostile }],
    ['a list', [hostile]],
    ['text', hostile],
  ])('of %s do not reach a message', async (_what, body) => {
    const headers = { ...json, 'x-ms-request-id': 'not an id; really', 'request-id': 'x'.repeat(200) };
    const { graph, arm } = await answering(403, headers, JSON.stringify(body));
    for (const call of [
      () => graph.get(path`/v1.0/users/x`, anything),
      () => arm.get(path`/subscriptions/x`, anything),
    ]) {
      const info = await call().then(
        () => ({}),
        (error: { info: object }) => error.info,
      );
      expect(info).toEqual({
        code: 'forbidden',
        fault: 'responder',
        retry: 'no',
        httpStatus: 403,
        message: expect.stringMatching(
          /^(Microsoft Graph|Azure Resource Manager) answered GET \/[\w./]+ with 403\.$/,
        ),
        next: expect.stringContaining('Grant the app'),
      });
    }
  });
});
