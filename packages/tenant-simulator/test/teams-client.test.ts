/** Activities of a Teams client are signed as those of Teams: only the attached client may send. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttachedClient, type Simulator, startSimulator } from 'tenant-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTenant } from '../../../test/app/responder.js';

/** Plays the bot, and stores what it receives. */
const seen: { readonly authorization: string | undefined; readonly text: string }[] = [];
const bot = createServer(async (call, answer) => {
  let text = '';
  for await (const chunk of call) text += chunk;
  seen.push({ authorization: call.headers.authorization, text });
  answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let simulator: Simulator;
let client: AttachedClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  simulator = await startSimulator({ tenant: readTenant(), clock: { now: () => Date.now() } });
  const base = `http://127.0.0.1:${(bot.address() as AddressInfo).port}`;
  client = await simulator.teams.attachClient({ bot: `${base}/api/messages`, connector: `${base}/none` });
});
afterAll(async () => {
  await client.stop();
  await simulator.stop();
  bot.close();
});

function send(url: string, headers: Readonly<Record<string, string>> = {}, method = 'POST'): Promise<number> {
  const body = method === 'POST' ? JSON.stringify({ type: 'message', text: 'approve' }) : undefined;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { 'content-type': 'application/json', ...headers } });
    sent.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end(body);
  });
}

it('signs nothing for anybody who does not know the address that the client was given', async () => {
  const { origin, pathname } = new URL(client.endpoint);
  const guesses = ['/api/messages', '/', pathname.slice(0, -1), `${pathname}/`, pathname.toUpperCase()];
  guesses.push(pathname.replace(/[0-9a-f]/, (digit) => (digit === '0' ? '1' : '0')));
  for (const guess of guesses) expect([guess, await send(`${origin}${guess}`)]).toEqual([guess, 404]);
  expect(seen).toEqual([]);
});

it('signs nothing for a page, nor under a name of another site, nor of another form', async () => {
  const { endpoint } = client;
  expect(await send(endpoint, { origin: 'https://fabrikam.com' })).toBe(403);
  expect(await send(endpoint, { origin: new URL(endpoint).origin })).toBe(403);
  expect(await send(endpoint, { host: `rebound.fabrikam.com:${new URL(endpoint).port}` })).toBe(403);
  expect(await send(endpoint, { 'content-type': 'text/plain' })).toBe(415);
  expect(await send(endpoint, {}, 'GET')).toBe(405);
  expect(seen).toEqual([]);
});

it('signs what the client sends, and gives each client an address of its own', async () => {
  expect(await send(client.endpoint)).toBe(200);
  expect(seen).toMatchObject([{ authorization: expect.stringMatching(/^Bearer /) }]);
  const another = await simulator.teams.attachClient({
    bot: 'http://127.0.0.1:1',
    connector: 'http://127.0.0.1:1',
  });
  const secret = (of: AttachedClient) => new URL(of.endpoint).pathname.split('/')[1];
  expect(secret(another)).toMatch(/^[0-9a-f]{64}$/);
  expect(secret(another)).not.toBe(secret(client));
  await another.stop();
});
