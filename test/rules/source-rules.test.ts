import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repository, sourceFiles } from './repository.js';
import { checkSource, rules } from './source-rules.js';

describe('the sources', () => {
  const files = sourceFiles(repository());

  it('follow the rules for time, waiting and environment', () => {
    expect(files.flatMap((file) => checkSource(file, readFileSync(repository(file), 'utf8')))).toEqual([]);
  });

  it('are checked by every rule', () => {
    expect(rules.filter((rule) => !files.some((file) => rule.applies(file))).map(({ name }) => name)).toEqual(
      [],
    );
  });
});

const ORCHESTRATOR = 'src/orchestrator/planted.ts';
const APP = 'src/app/planted.ts';
const planted: [rule: string, file: string, code: string][] = [
  ...[
    'const a = Date.now();',
    'const a = new Date();',
    'const a = Date();',
    'const a = performance.now();',
    'const a = Math.random();',
    `const a = Math['random']();`,
    'const a = crypto.randomUUID();',
    'fetch(url);',
    'const wait = setTimeout;',
    'setImmediate(next);',
    'if (process.argv) next();',
    'console.log(1);',
    'const { Date: D } = globalThis;',
    'const a = { console };',
    'const a = Promise.resolve(1);',
  ].map((code): [string, string, string] => [
    'orchestrator: no time, chance or outside world',
    ORCHESTRATOR,
    code,
  ]),
  ...[
    'createClients(apis, config, parts);',
    'const [a] = services().config.tenants;',
    'f(config.tenants);',
  ].map((code): [string, string, string] => ['app: a tenant is reached only through tenants.ts', APP, code]),
  ...['let found: User | undefined;', 'const users = new Map<string, User>();'].map(
    (code): [string, string, string] => ['app: what is kept for a tenant is kept by its object', APP, code],
  ),
  ['orchestrator: only durable.ts makes dates', ORCHESTRATOR, 'const a = new Date(0);'],
  ['orchestrator: only durable.ts makes dates', ORCHESTRATOR, 'const a = Date.parse(at);'],
  ['orchestrator: no node: modules', ORCHESTRATOR, `import { join } from 'node:path';`],
  ['orchestrator: no node: modules', ORCHESTRATOR, `export * from 'node:crypto';`],
  ['orchestrator: no async, no await, no import()', ORCHESTRATOR, 'async function a() {}'],
  ['orchestrator: no async, no await, no import()', ORCHESTRATOR, 'const a = async () => 1;'],
  ['orchestrator: no async, no await, no import()', ORCHESTRATOR, 'for await (const a of b) c();'],
  ['orchestrator: no async, no await, no import()', ORCHESTRATOR, `const a = import('./durable.js');`],
  ['orchestrator: only waiting.ts waits', ORCHESTRATOR, `ctx.df.waitForExternalEvent('inbox');`],
  ['orchestrator: only waiting.ts waits', ORCHESTRATOR, 'ctx.df.createTimer(at);'],
  ['orchestrator: only waiting.ts waits', ORCHESTRATOR, 'const any = ctx.df.Task.any;'],
  ...[
    'setTimeout(next, 5);',
    'const every = setInterval(next, 5);',
    'const a = { setTimeout };',
    'globalThis.setTimeout(next, 5);',
    'socket.setTimeout(5, next);',
    'const a = Date.now();',
    `const a = Date['now']();`,
    'const a = new Date();',
    'const a = Date();',
    'const { now } = Date;',
    'const D = Date;',
    'const a = globalThis.Date.now();',
    'const a = performance.now();',
    'const { now } = performance;',
    'const a = process.hrtime();',
    'const a = process.hrtime.bigint();',
    'const a = process.uptime();',
    'const signal = AbortSignal.timeout(5);',
    'Atomics.wait(shared, 0, 0, 5);',
    `import { setTimeout as sleep } from 'node:timers/promises';`,
    `import { setInterval } from 'timers';`,
    `const { setTimeout: sleep } = await import('node:timers/promises');`,
    `import { performance as clock } from 'node:perf_hooks';`,
  ].map((code): [string, string, string] => [
    'host: only the clock reads the time or waits',
    'packages/functions-emulator/src/planted.ts',
    code,
  ]),
  ...['setImmediate(next);', 'queueMicrotask(next);', 'process.nextTick(next);'].map(
    (code): [string, string, string] => [
      'host: only some put work off, to later in the same turn of the event loop',
      'packages/functions-emulator/src/planted.ts',
      code,
    ],
  ),
  ...[
    'const look = () => { if (!done) setImmediate(look); };',
    'function look() { if (!done) setImmediate(() => look()); }',
    'class A { #look() { if (!this.done) setImmediate(() => this.#look()); } }',
    'class A { look() { if (!this.done) process.nextTick(() => { this.look(); }); } }',
  ].map((code): [string, string, string] => [
    'host: nothing polls',
    'packages/functions-emulator/src/store/store.ts',
    code,
  ]),
  ...[
    'const options = { idle_time_out: 60_000 };',
    'const client = new Client(url, { retryOptions: { timeoutInMs: 5 } });',
    'const receiver = client.createReceiver(q, { maxAutoLockRenewalDurationInMs });',
    'server.headersTimeout = 5;',
    'fetch(url, { bodyTimeout: 5 });',
  ].map((code): [string, string, string] => [
    'host: libraries are given no time-outs',
    'packages/functions-emulator/src/planted.ts',
    code,
  ]),
  [
    'the time comes from the clock',
    'packages/tenant-simulator/src/planted.ts',
    'const a = new Date().toISOString();',
  ],
  ['the time comes from the clock', 'src/actions/entra/planted.ts', 'const a = Date.now();'],
  ...[
    'let last: string | undefined;',
    'export var count = 0;',
    'const seen = new Map<string, number>();',
  ].map((code): [string, string, string] => [
    'stateless folders: nothing is remembered between calls',
    'src/intake/planted.ts',
    code,
  ]),
  ['only app/config.ts and cli see the environment', 'src/app/planted.ts', 'const a = process.env.HOME;'],
  [
    'only app/config.ts and cli see the environment',
    'packages/functions-emulator/src/planted.ts',
    `const a = process['env'];`,
  ],
  [
    'channels: a caller sees the cases of one tenant',
    'src/app/page/planted.ts',
    'const instances = new IncidentInstances(context, EVERY_CASE);',
  ],
];

describe('a planted violation', () => {
  it.each(planted)('of "%s" in %s is found: %s', (rule, file, code) => {
    expect(checkSource(file, code)).toContainEqual({ rule, at: `${file}:1` });
  });

  it('exists for every rule', () => {
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

describe('allowed code', () => {
  it.each([
    ['src/orchestrator/waiting.ts', 'ctx.df.createTimer(at); ctx.df.Task.any([a, b]);'],
    ['src/orchestrator/a.ts', 'function* a(x: { process: string }): Steps<Date> { yield x.process; }'],
    ['src/orchestrator/durable.ts', 'const due = new Date(at);'],
    ['src/intake/a.ts', `const KINDS = new Set(['a']); function f() { let i = 0; const seen = new Map(); }`],
    ['packages/functions-emulator/src/clock.ts', 'setTimeout(next, Date.now());'],
    [
      'packages/functions-emulator/src/a.ts',
      'const a = new Date(at).getTime() - Date.parse(b); if (a instanceof Date) c();',
    ],
    ['packages/functions-emulator/src/a.ts', 'interface A { timeout: number; at: Date }'],
    [
      'packages/functions-emulator/src/store/store.ts',
      'class A { commit() { setImmediate(() => this.#flush()); } }',
    ],
    ['packages/functions-emulator/src/http/listener.ts', 'const options = { keepAliveTimeout: 5 };'],
    ['src/app/config.ts', 'read(process.env);'],
    ['src/views/a.ts', 'const a = new Date(at).toISOString();'],
  ])('in %s passes: %s', (file, code) => {
    expect(checkSource(file, code)).toEqual([]);
  });
});
