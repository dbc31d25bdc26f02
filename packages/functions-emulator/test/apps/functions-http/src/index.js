import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';

let calls = 0;
const ended = [];

if (process.env.STREAM) app.setup({ enableHttpStream: true });

const echo = async (request) => ({
  jsonBody: {
    method: request.method,
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    body: await request.text(),
  },
});
app.http('echo', { methods: ['GET', 'POST', 'PUT'], handler: echo });
app.http('item', { methods: ['GET'], route: 'items/{id:int:min(1)}/{part?}', handler: echo });
app.http('anyItem', { methods: ['GET'], route: 'items/{id}', handler: async () => ({ body: 'any item' }) });
app.http('files', { methods: ['GET'], route: 'files/{*path}', handler: echo });
app.http('secret', {
  methods: ['GET'],
  authLevel: 'function',
  handler: async () => ({ body: 'for key holders' }),
});
app.http('secrets', { methods: ['GET'], authLevel: 'function', handler: async () => ({ body: 'another' }) });
app.http('deepSecret', {
  methods: ['GET'],
  authLevel: 'admin',
  handler: async () => ({ body: 'for the master' }),
});
app.http('count', { methods: ['GET'], handler: async () => ({ jsonBody: { calls: ++calls, ended } }) });
app.http('slow', {
  methods: ['GET'],
  handler: async (request) => {
    await sleep(Number(request.query.get('ms')));
    ended.push(request.query.get('id'));
    return { body: 'slow' };
  },
});
app.http('fails', {
  methods: ['GET'],
  handler: async () => {
    throw new Error('it went wrong');
  },
});
app.http('pieces', {
  methods: ['GET'],
  handler: async () => ({
    body: (async function* () {
      for (const piece of ['a', 'b', 'c']) {
        yield Buffer.from(piece);
        await sleep(40);
      }
    })(),
  }),
});
app.http('cookies', {
  methods: ['GET'],
  handler: async () => ({ status: 201, cookies: [{ name: 'a', value: 'x y', secure: true }], body: 'c' }),
});
app.http('clock', {
  methods: ['GET'],
  handler: async () => ({ jsonBody: globalThis[Symbol.for('durable-host.clock')].now() }),
});
app.http('environment', { methods: ['GET'], handler: async () => ({ jsonBody: process.env }) });

// ways to die
app.http('frozen', {
  methods: ['GET'],
  handler: async () => {
    throw Object.freeze(new Error('cold'));
  },
});
app.http('exit', {
  methods: ['GET'],
  handler: async (request) => process.exit(Number(request.query.get('code'))),
});
app.http('reject', {
  methods: ['GET'],
  handler: async () => {
    Promise.reject(new Error('nobody awaits me'));
    await sleep(5_000);
  },
});
app.http('uncaught', {
  methods: ['GET'],
  handler: async () => {
    setTimeout(() => {
      throw new Error('nobody catches me');
    });
    await sleep(5_000);
  },
});
