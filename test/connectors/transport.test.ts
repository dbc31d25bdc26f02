import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DANA, ManualClock, startContoso } from '../../packages/tenant-simulator/test/contoso.js';
import { apis } from '../../src/actions/services.js';
import { createClients } from '../../src/connectors/index.js';
import { canonicalBody, exchangeKey } from '../../src/connectors/transport/exchange.js';
import { createTransport } from '../../src/connectors/transport/index.js';
import { redactor } from '../../src/connectors/transport/redaction.js';
import { path } from '../../src/domain/builders/path.js';

const clock = new ManualClock();
const anything = z.unknown();

describe('the way to a simulated tenant', () => {
  it.each([
    'https://graph.microsoft.us/v1.0/me',
    'https://example.com/',
    'http://graph.microsoft.com/v1.0/me',
    'https://169.254.169.254/metadata',
    'https://graph.microsoft.com:444/',
  ])('refuses %s', async (url) => {
    const { simulator, config } = await startContoso();
    const call = createTransport(config, clock, apis).sendRequest(createPipelineRequest({ url }));
    await expect(call).rejects.toMatchObject({ info: { code: 'host-not-mapped', retry: 'no' } });
    expect(simulator.calls()).toEqual([]);
    await simulator.stop();
  });

  it('shows callers the real address', async () => {
    const { simulator, config } = await startContoso();
    const request = createPipelineRequest({
      url: 'https://graph.microsoft.com/v1.0/me',
      headers: createHttpHeaders(),
    });
    const response = await createTransport(config, clock, apis).sendRequest(request);
    expect(response.request.url).toBe('https://graph.microsoft.com/v1.0/me');
    expect(simulator.calls()).toMatchObject([{ host: 'graph.microsoft.com', path: '/v1.0/me', status: 501 }]);
    await simulator.stop();
  });

  it('is not left by a redirect', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.headers.host}${request.url}`);
      response.writeHead(302, { location: 'https://example.com/stolen' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const simulatedTenantUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credential = {
      getToken: async () => ({ token: 'secret', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    };
    const clients = createClients(apis, { simulatedTenantUrl }, { clock, credential });
    for (const client of [clients.graph, clients.defender, clients.arm]) {
      await expect(client.get(path`/v1.0/x`, anything)).rejects.toMatchObject({
        info: { code: 'bad-answer', httpStatus: 302 },
      });
    }
    expect(new Set(seen)).toEqual(
      new Set([
        'graph.microsoft.com/v1.0/x',
        'api.security.microsoft.com/v1.0/x',
        'management.azure.com/v1.0/x',
      ]),
    );
    server.close();
    server.closeAllConnections();
  });

  it('does not lead to another machine', () => {
    for (const simulatedTenantUrl of [
      'http://192.0.2.1:80',
      'http://tenant.contoso.com',
      'https://127.0.0.1.contoso.com',
    ]) {
      expect(() => createTransport({ simulatedTenantUrl }, clock)).toThrow(/not an address of this machine/);
    }
  });

  it('needs an app to sign in with', () => {
    expect(() => createClients(apis, { simulatedTenantUrl: 'http://127.0.0.1:1' }, { clock })).toThrow(
      /AZURE_CLIENT_SECRET/,
    );
  });
});

describe('the clients', () => {
  it('send a token, an id and the version of a resource', async () => {
    const heads: Record<string, unknown>[] = [];
    const credential = {
      getToken: async () => ({ token: 'abc', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    };
    const httpClient = {
      sendRequest: async (request: ReturnType<typeof createPipelineRequest>) => {
        heads.push({
          url: request.url,
          method: request.method,
          body: request.body,
          ...request.headers.toJSON(),
        });
        return { request, status: 200, headers: createHttpHeaders({ ETag: '"2"' }), bodyAsText: '{}' };
      },
    };
    const clients = createClients(apis, {}, { clock, credential, httpClient });
    const answer = await clients.arm.put(path`/subscriptions/s?api-version=1`, { a: 1 }, anything, {
      ifMatch: '"1"',
    });
    await clients.graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: false }, anything, {
      ifMatch: '"1"',
    });
    await clients.defender.post(path`/api/machines/m/isolate`, { Comment: 'x' }, anything);
    expect(answer.etag).toBe('"2"');
    expect(heads).toMatchObject([
      { url: 'https://management.azure.com/subscriptions/s?api-version=1', method: 'PUT', body: '{"a":1}' },
      {
        url: `https://graph.microsoft.com/v1.0/users/${DANA}`,
        method: 'PATCH',
        body: '{"accountEnabled":false}',
      },
      {
        url: 'https://api.security.microsoft.com/api/machines/m/isolate',
        method: 'POST',
        body: '{"Comment":"x"}',
      },
    ]);
    for (const head of heads)
      expect(head).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'application/json' });
    expect(heads.slice(0, 2)).toMatchObject([{ 'if-match': '"1"' }, { 'if-match': '"1"' }]);
  });

  it('keep values of an incident inside their segment of the Graph path', async () => {
    const urls: string[] = [];
    const credential = {
      getToken: async () => ({ token: 'abc', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    };
    const httpClient = {
      sendRequest: async (request: ReturnType<typeof createPipelineRequest>) => {
        urls.push(request.url);
        return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{}' };
      },
    };
    const { graph } = createClients(apis, {}, { clock, credential, httpClient });
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (value) => {
        fc.pre(value !== '.' && value !== '..');
        await graph.get(path`/v1.0/users/${value}/x?$select=${value}`, anything);
        const url = new URL(urls.at(-1) ?? '');
        expect(url.origin).toBe('https://graph.microsoft.com');
        expect(url.pathname.split('/')).toHaveLength(5);
        expect(decodeURIComponent(url.pathname.split('/')[3] ?? '')).toBe(value);
        expect([...url.searchParams]).toEqual([['$select', value]]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the key of an exchange', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
  const query = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { maxLength: 5 });
  const address = (pairs: readonly (readonly [string, string])[]): string =>
    `https://graph.microsoft.com/v1.0/users?${new URLSearchParams(pairs.map(([a, b]): [string, string] => [a, b])).toString()}`;

  it('does not depend on the order of properties or parameters', () => {
    fc.assert(
      fc.property(json, query, (body, pairs) => {
        const turned = Object.fromEntries(Object.entries(body).reverse());
        expect(exchangeKey('post', address([...pairs].reverse()), JSON.stringify(turned, null, 2))).toBe(
          exchangeKey('POST', address(pairs), JSON.stringify(body)),
        );
      }),
    );
  });

  it('is different for different questions', () => {
    fc.assert(
      fc.property(json, json, query, query, (bodyA, bodyB, queryA, queryB) => {
        const [a, b] = [canonicalBody(JSON.stringify(bodyA)), canonicalBody(JSON.stringify(bodyB))];
        const sorted = (pairs: typeof queryA): string =>
          JSON.stringify([...pairs].map((pair) => JSON.stringify(pair)).sort());
        fc.pre(a !== b || sorted(queryA) !== sorted(queryB));
        expect(exchangeKey('GET', address(queryA), a)).not.toBe(exchangeKey('GET', address(queryB), b));
      }),
    );
  });
});

describe('redaction', () => {
  it('takes a secret out in every form it may have, and may be done twice', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40 }), fc.string(), (secret, around) => {
        fc.pre(!around.includes(secret));
        const redact = redactor([secret]);
        const forms = [
          secret,
          encodeURIComponent(secret),
          Buffer.from(secret).toString('base64'),
          Buffer.from(secret).toString('base64url'),
        ];
        const out = redact(forms.map((form) => `<${form}>`).join('|'));
        expect(out).toBe(forms.map(() => '<[redacted]>').join('|'));
        expect(redact(redact(around))).toBe(redact(around));
      }),
    );
  });
});
