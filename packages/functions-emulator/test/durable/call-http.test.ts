/**
 * `callHttp` as the real host does it: https://github.com/Azure/azure-functions-durable-extension (TaskHttpActivityShim.cs,
 * CreateLocationPollRequest and its tests), and redirects as .NET's HttpClient follows them.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { virtualClock } from 'functions-emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startToy, type Toy } from './toy-host.js';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A service whose responses depend on the path; it records its requests. */
async function startService(): Promise<{ url: string; seen: Seen[]; stop: () => void }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service');
    const { method = '', headers } = request;
    seen.push({ method, path: pathname, headers, body: Buffer.concat(parts).toString() });
    const location = searchParams.get('to');
    const retryAfter = searchParams.get('after');
    response.statusCode = Number(searchParams.get('status') ?? 200);
    if (location !== null) response.setHeader('location', location);
    if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
    response.end(pathname);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, stop: () => server.close() };
}

let toy: Toy;
let own: Awaited<ReturnType<typeof startService>>;
let foreign: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  toy = await startToy({ clock: virtualClock(0) });
  [own, foreign] = await Promise.all([startService(), startService()]);
});
afterAll(async () => {
  await toy.host.stop();
  own.stop();
  foreign.stop();
});

const SECRETS = { Authorization: 'Bearer made-up', Cookie: 'a=b', 'x-functions-key': 'made-up' };
let calls = 0;

async function call(input: object): Promise<{ status: Awaited<ReturnType<Toy['done']>>; id: string }> {
  own.seen.length = 0;
  foreign.seen.length = 0;
  calls += 1;
  const id = `call-${calls}`;
  await toy.start('callsHttp', id, input);
  return { status: await toy.done(id), id };
}

const to = (base: string, path: string): string => encodeURIComponent(`${base}${path}`);

describe('after 202', () => {
  const start = (location: string): object => ({
    method: 'POST',
    url: `${own.url}/start?status=202&after=7&to=${location}`,
    body: { n: 1 },
    headers: { ...SECRETS, Accept: 'text/plain' },
  });

  test('the same origin is polled with the credentials, never with the key of a function', async () => {
    const before = toy.host.clock.now();
    const { status } = await call(start(to(own.url, '/poll')));
    expect(status.output).toEqual({ statusCode: 200, content: '/poll' });
    expect(toy.host.clock.now() - before).toBe(7000);
    expect(own.seen[1]).toMatchObject({ method: 'GET', path: '/poll', body: '' });
    expect(own.seen[1]?.headers).toMatchObject({ authorization: 'Bearer made-up', cookie: 'a=b' });
    expect(own.seen[1]?.headers).not.toHaveProperty('x-functions-key');
  });

  test('another origin gets no credentials, but the other headers', async () => {
    await call(start(to(foreign.url, '/poll')));
    const headers = foreign.seen[0]?.headers ?? {};
    expect(headers).toMatchObject({ accept: 'text/plain' });
    for (const name of ['authorization', 'cookie', 'x-functions-key'])
      expect(headers).not.toHaveProperty(name);
  });

  test('a path alone is of the same origin', async () => {
    const { status } = await call(start('%2Fpoll'));
    expect(status.output).toEqual({ statusCode: 200, content: '/poll' });
  });
});

describe('a redirect', () => {
  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
    [302, 'PUT', 'PUT'],
  ])('of %i is followed: %s becomes %s, without credentials', async (redirect, method, becomes) => {
    const url = `${own.url}/from?status=${redirect}&to=${to(foreign.url, '/there')}`;
    const { status } = await call({ method, url, body: 'x', headers: SECRETS });
    expect(status.output).toEqual({ statusCode: 200, content: '/there' });
    expect(foreign.seen[0]).toMatchObject({ method: becomes, body: becomes === 'GET' ? '' : 'x' });
    for (const name of ['authorization', 'cookie', 'x-functions-key'])
      expect(foreign.seen[0]?.headers).not.toHaveProperty(name);
  });

  test('without end is stopped after fifty', async () => {
    const { status } = await call({ method: 'GET', url: `${own.url}/loop?status=302&to=` });
    expect(status.output).toMatchObject({ statusCode: 302 });
    expect(own.seen).toHaveLength(51);
  });
});

describe('an impossible call fails and sends nothing', () => {
  test.each([
    [
      'a token source',
      { tokenSource: { kind: 'AzureManagedIdentity', resource: 'https://graph.contoso.com' } },
      'managed identity',
    ],
    [
      'an unknown token source',
      { tokenSource: { kind: 'Else' } },
      `The token source kind '"Else"' is not supported.`,
    ],
    [
      'multipart content',
      { body: 'x', headers: { 'content-type': 'multipart/form-data' } },
      'Multipart content',
    ],
  ])('%s', async (_what, more, message) => {
    const { status } = await call({ method: 'POST', url: `${own.url}/x`, ...more });
    expect(status.runtimeStatus).toBe('Failed');
    expect(String(status.output)).toContain(message);
    expect(own.seen).toEqual([]);
  });

  test('an unreachable service', async () => {
    const { status } = await call({ method: 'GET', url: 'http://127.0.0.1:1/x' });
    expect(status.runtimeStatus).toBe('Failed');
    expect(String(status.output)).toContain('Connection refused (127.0.0.1:1)');
  });
});

test('content without a type is plain text', async () => {
  await call({ method: 'POST', url: `${own.url}/x`, body: 'a text' });
  expect(own.seen[0]?.headers['content-type']).toBe('text/plain');
});
