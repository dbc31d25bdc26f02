/** The thread of a stopped host serves the next: the app starts again, its libraries do not. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHost, WarmThreads } from 'functions-emulator';
import { expect, onTestFinished, test } from 'vitest';
import { start, writeApp } from './app.js';

/** Its answer: how often the library and the app were loaded in this thread, a setting, and the hooks that have run. */
const APP = {
  'library.js': `globalThis.log = ['library']; export const log = globalThis.log;`,
  'index.js': `
    import { app } from '@azure/functions';
    import { log } from './library.js';
    let calls = 0;
    log.push('app with ' + process.env.NAME);
    app.hook.appStart(() => log.push('start'));
    app.hook.appTerminate(() => log.push('end'));
    process.on('unhandledRejection', () => log.push('rejection'));
    app.http(process.env.NAME, { handler: async () => {
      calls += 1;
      return { jsonBody: { log, calls, left: process.env.LEFT, listeners: process.listenerCount('unhandledRejection') } };
    } });
    app.http('slow', { handler: async () => { log.push('slow'); await new Promise((resolve) => setTimeout(resolve, 60_000)); return {}; } });`,
};

function threads(): WarmThreads {
  const warmThreads = new WarmThreads();
  onTestFinished(() => warmThreads.close());
  return warmThreads;
}
const ask = async (host: { url: string }, path: string) =>
  (await fetch(`${host.url}/api/${path}`)).json() as Promise<{ readonly log: readonly string[] }>;

test('runs the entry file again with the settings of its host, and keeps what it imports', async () => {
  const options = { appDirectory: writeApp(APP), port: 0, serviceBusPort: 0, warmThreads: threads() };
  const first = await startHost({ ...options, settings: { NAME: 'one', LEFT: 'left' } });
  expect(await ask(first, 'one')).toEqual({
    log: ['library', 'app with one', 'start'],
    calls: 1,
    left: 'left',
    listeners: 1,
  });
  await first.stop();
  const second = await start({ ...options, settings: { NAME: 'two' } });
  expect((await second.get('/api/one')).status).toBe(404);
  expect(await ask(second, 'two')).toEqual({
    log: ['library', 'app with one', 'start', 'end', 'app with two', 'start'],
    calls: 1,
    listeners: 1,
  });
});

test('a thread serves one host at a time', async () => {
  const options = { appDirectory: writeApp(APP), warmThreads: threads() };
  const one = await start({ ...options, settings: { NAME: 'one' } });
  const two = await start({ ...options, settings: { NAME: 'two' } });
  expect(await ask(one, 'one')).toMatchObject({ log: ['library', 'app with one', 'start'] });
  expect(await ask(two, 'two')).toMatchObject({ log: ['library', 'app with two', 'start'] });
});

test.each([
  ['while it is left', 'process.exit(1)'],
  ['afterwards', 'setImmediate(() => process.exit(1))'],
])('a thread that has ended %s is not used again', async (_when, exit) => {
  const files = { ...APP, 'index.js': `${APP['index.js']} app.hook.appTerminate(() => ${exit});` };
  const options = { appDirectory: writeApp(files), port: 0, serviceBusPort: 0, warmThreads: threads() };
  const first = await startHost({ ...options, settings: { NAME: 'one' } });
  await first.stop();
  const second = await start({ ...options, settings: { NAME: 'two' } });
  expect(await ask(second, 'two')).toMatchObject({ log: ['library', 'app with two', 'start'] });
});

test.each([
  ['fails in its first host', `if (process.env.NAME === 'one') throw new Error('not yet'); export {};`, 404],
  ['does not stand a second load', '', 200],
])('an app that %s gets a new thread', async (what, library, status) => {
  const once = `if (globalThis.isLoaded) throw new Error('only once'); globalThis.isLoaded = true;`;
  const files = {
    ...APP,
    'once.js': library,
    'index.js': `import './once.js'; ${APP['index.js']} ${what.includes('second') ? once : ''}`,
  };
  const options = { appDirectory: writeApp(files), port: 0, serviceBusPort: 0, warmThreads: threads() };
  const first = await startHost({ ...options, settings: { NAME: 'one' } });
  expect((await fetch(`${first.url}/api/one`)).status).toBe(status);
  await first.stop();
  const second = await start({ ...options, settings: { NAME: 'two' } });
  expect(await ask(second, 'two')).toMatchObject({ log: ['library', 'app with two', 'start'] });
});

test('CommonJS entry files that require each other run once in each host', async () => {
  const entry = (name: string, other = '') =>
    `${other} require('@azure/functions').app.http(process.env.NAME + '-${name}', { handler: async () => ({ body: 'here' }) });`;
  const files = {
    'package.json': JSON.stringify({ main: 'fns/*.js' }),
    'fns/a.js': entry('a', `require('./b');`),
    'fns/b.js': entry('b'),
  };
  const options = { appDirectory: writeApp(files), port: 0, serviceBusPort: 0, warmThreads: threads() };
  const names = ['one', 'two'];
  for (const NAME of names) {
    const host = await startHost({ ...options, settings: { NAME } });
    for (const name of ['a', 'b']) expect((await fetch(`${host.url}/api/${NAME}-${name}`)).status).toBe(200);
    await host.stop();
  }
});

test('what an app prints when it ends is in the log of its own host', async () => {
  const files = {
    ...APP,
    'index.js': `${APP['index.js']} app.hook.appTerminate(() => console.log('bye ' + process.env.NAME));`,
  };
  const warmThreads = threads();
  const said: string[] = [];
  const host = await startHost({
    appDirectory: writeApp(files),
    port: 0,
    serviceBusPort: 0,
    warmThreads,
    settings: { NAME: 'one' },
    onEvent: (event) => void (event.kind === 'log' && said.push(event.message)),
  });
  await host.stop();
  expect(said).toContain('bye one');
});

test('a thread whose call timed out is not used again', async () => {
  const options = { appDirectory: writeApp({ ...APP, 'host.json': '{"functionTimeout":"00:00:00.2"}' }) };
  const warmThreads = threads();
  const ports = { port: 0, serviceBusPort: 0 };
  const first = await startHost({ ...options, ...ports, warmThreads, settings: { NAME: 'one' } });
  await fetch(`${first.url}/api/slow`);
  await first.stop();
  const second = await start({ ...options, warmThreads, settings: { NAME: 'two' } });
  expect(await ask(second, 'two')).toMatchObject({
    log: ['library', 'app with one', 'start', 'end', 'app with two', 'start'],
  });
});

test('threads of one app are not given to another', async () => {
  const warmThreads = threads();
  const ports = { port: 0, serviceBusPort: 0 };
  const first = await startHost({
    appDirectory: writeApp(APP),
    ...ports,
    warmThreads,
    settings: { NAME: 'one' },
  });
  await first.stop();
  const second = await start({ appDirectory: writeApp(APP), warmThreads, settings: { NAME: 'two' } });
  expect(await ask(second, 'two')).toMatchObject({ log: ['library', 'app with two', 'start'] });
});

/** An orchestration whose activity runs until there is a file `go`; at its start it writes `begun`. */
const BUSY = `
  import { existsSync, writeFileSync } from 'node:fs';
  import * as df from 'durable-functions';
  const path = (name) => new URL(name, import.meta.url);
  df.app.activity('long', { handler: async () => {
    writeFileSync(path('begun'), '');
    while (!existsSync(path('go'))) await new Promise((resolve) => setTimeout(resolve, 5));
  } });
  df.app.orchestration('busy', function* (context) { yield context.df.callActivity('long'); });
  app.http('begin-' + process.env.NAME, {
    extraInputs: [df.input.durableClient()],
    handler: async (_request, context) => ({ body: await df.getClient(context).startNew('busy') }),
  });`;

test.each([
  ['ends soon: the next host gets its thread', true, ['library', 'app with one', 'start', 'end']],
  ['goes on: the next host gets a new thread', false, ['library']],
])('a call that still runs when its host stops and %s', async (_what, endsSoon, before) => {
  const appDirectory = writeApp({ ...APP, 'index.js': `${APP['index.js']} ${BUSY}` });
  const options = { appDirectory, port: 0, serviceBusPort: 0, warmThreads: threads() };
  const first = await startHost({ ...options, settings: { NAME: 'one' } });
  await fetch(`${first.url}/api/begin-one`);
  await expect.poll(() => existsSync(join(appDirectory, 'begun')), { timeout: 60_000 }).toBe(true);
  const stopped = first.stop();
  if (endsSoon) writeFileSync(join(appDirectory, 'go'), '');
  await stopped;
  const second = await start({ ...options, settings: { NAME: 'two' } });
  expect((await ask(second, 'two')).log).toEqual([...before, 'app with two', 'start']);
});

test('a thread loads an app 40 times, because each load leaves some memory behind', async () => {
  const options = { appDirectory: writeApp(APP), port: 0, serviceBusPort: 0, warmThreads: threads() };
  const loads: number[] = [];
  for (let i = 1; i <= 41; i += 1) {
    const host = await startHost({ ...options, settings: { NAME: 'one' } });
    const { log } = await ask(host, 'one');
    loads.push(log.filter((entry) => entry === 'app with one').length);
    await host.stop();
  }
  expect(loads).toEqual([...Array.from({ length: 40 }, (_, i) => i + 1), 1]);
});

test('no thread is kept after they were closed', async () => {
  const warmThreads = threads();
  const options = { appDirectory: writeApp(APP), port: 0, serviceBusPort: 0, warmThreads };
  const first = await startHost({ ...options, settings: { NAME: 'one' } });
  await warmThreads.close();
  await first.stop();
  const second = await start({ ...options, settings: { NAME: 'two' } });
  expect(await ask(second, 'two')).toMatchObject({ log: ['library', 'app with two', 'start'] });
});
