import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start, toyApp, writeApp } from './app.js';

const hello = (name: string, options = ''): string =>
  `app.http('${name}', { ${options} handler: async () => ({ body: '${name}' }) });`;
const esm = (...lines: string[]): string => [`import { app } from '@azure/functions';`, ...lines].join('\n');

describe('loading an app', () => {
  test('loads all files that main matches, CommonJS and ES modules, the upper folder first', async () => {
    const host = await start({
      appDirectory: writeApp({
        'package.json': JSON.stringify({ type: 'module', main: '{fns/*.js,one.cjs,[t]wo.mjs}' }),
        'one.cjs': `globalThis.order = ['one']; require('@azure/functions').app.http('one', { handler: async () => ({ jsonBody: globalThis.order }) });`,
        'two.mjs': esm(`globalThis.order.push('two');`, hello('two')),
        'fns/b.js': esm(`globalThis.order.push('b');`, hello('b')),
        'fns/a.js': esm(`globalThis.order.push('a');`, hello('a')),
        'fns/skipped.txt': 'not JavaScript',
      }),
    });
    expect(await (await host.get('/api/one')).json()).toEqual(['one', 'two', 'a', 'b']);
    expect(await (await host.get('/api/b')).text()).toBe('b');
  });

  test('runs without functions when an entry file throws, and logs which', async () => {
    const host = await start({
      appDirectory: writeApp({ 'index.js': esm(hello('before'), `throw new Error('cannot start');`) }),
    });
    expect((await host.get('/api/before')).status).toBe(404);
    expect(await (await host.get('/admin/functions')).json()).toEqual([]);
    expect(host.logged('critical').join()).toMatch(/unable to load entry point "index\.js".*cannot start/s);
  });

  test.each([
    ['is not there', JSON.stringify({ main: 'nothing/*.js' }), /matches no file/],
    ['is not named', '{}', /no "main"/],
    ['cannot be read', '{', /JSON/],
  ])('reports the error when main %s', async (_, manifest, message) => {
    const host = await start({ appDirectory: writeApp({ 'package.json': manifest }) });
    expect(host.logged('critical').join()).toMatch(message);
  });

  test.each([
    ['dist/src/{index.js,functions/*.js}', 'src/functions/hello.ts', { build: 'tsc' }, 'npm run build'],
    ['dist/app.cjs', 'app.mts', { bundle: 'esbuild' }, 'npx tsc'],
    ['./src/functions/*.js', 'src/functions/hello.ts', {}, 'npx tsc'],
  ])('says to compile first when main is %s and there is only %s', async (main, source, scripts, command) => {
    const host = await start({
      appDirectory: writeApp({
        'package.json': JSON.stringify({ main, scripts }),
        'types.d.ts': 'export {};',
        'node_modules/other/index.ts': 'export {};',
        [source]: 'export {};',
      }),
    });
    expect(host.logged('critical')).toEqual([
      `Worker was unable to load entry point "package.json": "main" of package.json (${main}) matches no file, but there is TypeScript that is not compiled (${source}). Compile it first, for example with "${command}".`,
    ]);
  });

  test('says to compile first when main names a file in TypeScript that Node.js cannot load', async () => {
    const host = await start({
      appDirectory: writeApp({
        'package.json': JSON.stringify({ type: 'module', main: 'src/*.ts', scripts: { build: 'tsc' } }),
        'src/app.ts': 'enum Colour { Red } export const red: Colour = Colour.Red;',
      }),
    });
    expect(host.logged('critical').join()).toContain(
      'unable to load entry point "src/app.ts": "main" of package.json (src/*.ts) names TypeScript. Compile it first, for example with "npm run build", and let "main" name the JavaScript files. ',
    );
  });

  test('does not mention TypeScript when there is none', async () => {
    const manifest = JSON.stringify({ main: 'dist/*.js' });
    const host = await start({ appDirectory: writeApp({ 'package.json': manifest, 'types.d.ts': '' }) });
    expect(host.logged('critical').join()).toMatch(
      /"main" of package.json \(dist\/\*\.js\) matches no file\./,
    );
    expect(host.logged('critical').join()).not.toContain('TypeScript');
  });

  test('keeps the first of two functions with one name, and throws in the app', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': esm(
          hello('same', `route: 'one',`),
          `let told; try { ${hello('same', `route: 'two',`)} } catch (error) { told = error.message; }`,
          `app.http('told', { handler: async () => ({ body: told }) });`,
        ),
      }),
    });
    expect(await (await host.get('/api/told')).text()).toBe(
      'A function with id "same" has already been registered.',
    );
    expect([(await host.get('/api/one')).status, (await host.get('/api/two')).status]).toEqual([200, 404]);
  });

  test('serves nothing when two names differ only by case', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': esm(hello('same', `route: 'one',`), hello('SAME', `route: 'two',`)),
      }),
    });
    expect((await host.get('/api/one')).status).toBe(503);
    expect(await (await host.get('/admin/host/status')).json()).toMatchObject({ state: 'Error' });
    expect(host.logged('error').join()).toContain(
      'An item with the same key has already been added. Key: SAME.',
    );
  });

  /** https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script/Description/FunctionDescriptorProvider.cs */

  /** https://github.com/Azure/azure-webjobs-sdk/blob/dev/src/Microsoft.Azure.WebJobs.Host/Indexers/FunctionIndex.cs */
  test('reports the second of two names that differ only by case as an error when it has no route', async () => {
    const timer = `app.timer('SAME', { schedule: '0 0 5 1 1 *', handler: async () => {} });`;
    const host = await start({ appDirectory: writeApp({ 'index.js': esm(hello('same'), timer) }) });
    expect((await host.get('/api/same')).status).toBe(200);
    expect(host.logged('error').join()).toContain(
      "There are multiple methods with the name 'Host.Functions.SAME'.",
    );
  });

  test.each([
    [
      'a trigger',
      `app.storageQueue('reader', { queueName: 'q', connection: 'C', handler: async () => {} });`,
      'queueTrigger',
    ],
    [
      'an input',
      `import { input } from '@azure/functions';
       app.http('reader', { extraInputs: [input.storageBlob({ path: 'a/b', connection: 'C' })], handler: async () => ({}) });`,
      'blob',
    ],
    [
      'two outputs',
      `import { output } from '@azure/functions';
       app.http('reader', {
         extraOutputs: [output.cosmosDB({ databaseName: 'd', containerName: 'c' }), output.storageBlob({ path: 'a/b', connection: 'C' })],
         handler: async () => ({}) });`,
      'cosmosDB, blob',
    ],
  ])(
    'runs the others when one function has %s of an unknown type, and reports it',
    async (_, code, types) => {
      const files = { 'index.js': esm(code, hello('other')) };
      const host = await start({ appDirectory: writeApp(files) });
      const error = `The binding type(s) '${types}' are not registered. Please ensure the type is correct and the binding extension is installed.`;
      expect((await host.get('/api/other')).status).toBe(200);
      expect((await host.get('/api/reader')).status).toBe(404);
      expect(host.logged('error')).toContain(`The 'reader' function is in error: ${error}`);
      expect(await (await host.get('/admin/functions/READER/status')).json()).toEqual({ errors: [error] });
      const listed = (await (await host.get('/admin/functions')).json()) as { name: string }[];
      expect(listed.map(({ name }) => name)).toEqual(['other', 'reader']);
      expect(await (await host.get('/admin/host/status')).json()).toMatchObject({ state: 'Running' });

      const bundle = JSON.stringify({
        version: '2.0',
        extensionBundle: { id: 'b', version: '[4.*, 5.0.0)' },
      });
      const bundled = await start({ appDirectory: writeApp({ ...files, 'host.json': bundle }) });
      expect(bundled.logged('error')).toContain(
        `The 'reader' function is in error: The binding type(s) '${types}' were not found in the configured extension bundle. Please ensure the type is correct and the correct version of extension bundle is configured`,
      );
    },
  );

  test.each([
    [
      'two triggers',
      `{ a: { type: 'httpTrigger', direction: 'in' }, b: { type: 'timerTrigger', direction: 'in' } }`,
      'Multiple trigger bindings defined. A function can only have a single trigger binding.',
    ],
    [
      'no trigger',
      `{ a: { type: 'http', direction: 'out' } }`,
      'No trigger binding specified. A function must have a trigger input binding.',
    ],
    [
      'a binding with a bad name',
      `{ 'a b': { type: 'httpTrigger', direction: 'in' } }`,
      'The binding name a b is invalid. Please assign a valid name to the binding.',
    ],
  ])('runs the others when one function has %s', async (_, bindings, error) => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': esm(
          hello('other'),
          `import { createRequire } from 'node:module';
           const core = createRequire(import.meta.url)('@azure/functions-core');
           core.registerFunction({ name: 'odd', bindings: ${bindings} }, async () => {});`,
        ),
      }),
    });
    expect((await host.get('/api/other')).status).toBe(200);
    expect(host.logged('error')).toContain(`The 'odd' function is in error: ${error}`);
  });

  test('fails when an appStart hook throws, with the reason', async () => {
    const appDirectory = writeApp({
      'index.js': esm(hello('a'), `app.hook.appStart(() => { throw new Error('no start'); });`),
    });
    await expect(start({ appDirectory })).rejects.toMatchObject({
      code: 'app-failed',
      message: expect.stringMatching(/Initializing worker process failed: .*no start/s),
    });
  });

  test('fails when the process ends each time it is loaded', async () => {
    const starting = start({ appDirectory: writeApp({ 'index.js': 'process.exit(7);' }) });
    await expect(starting).rejects.toMatchObject({
      code: 'app-failed',
      message: expect.stringContaining('exit code 7'),
    });
  });

  test('refuses a folder without an app', async () => {
    const appDirectory = writeApp({});
    rmSync(join(appDirectory, 'package.json'));
    await expect(start({ appDirectory })).rejects.toMatchObject({ code: 'app-not-found' });
  });

  test('runs the other functions of an app with some in error', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': esm(
          hello('good'),
          hello('clashA', `route: 'clash',`),
          hello('clashB', `route: 'clash',`),
          hello('with space'),
          hello('level', `authLevel: 'bogus',`),
          `app.timer('unset', { schedule: '%NOT_SET%', handler: async () => {} });`,
          `app.timer('nonsense', { schedule: 'nonsense', handler: async () => {} });`,
        ),
      }),
    });
    expect((await host.get('/api/good')).status).toBe(200);
    expect(await (await host.get('/api/clash')).text()).toBe('clashA');
    const errors = host.logged('error').filter((message) => message.includes('is in error'));
    expect(errors.map((message) => /The '(.*?)' function/.exec(message)?.[1]).sort()).toEqual([
      'clashB',
      'level',
      'nonsense',
      'unset',
      'with space',
    ]);
    expect(errors).toContain(
      "The 'clashB' function is in error: The route specified conflicts with the route defined by function 'clashA'.",
    );
  });

  test.each([
    ['/lead', "'api//lead'"],
    ['a/{open', "'api/a/{open'"],
    ['a/{x:nosuch}', "'nosuch'"],
  ])('serves nothing with the route %s', async (route, named) => {
    const host = await start({
      appDirectory: writeApp({ 'index.js': esm(hello('good'), hello('bad', `route: '${route}',`)) }),
    });
    const response = await host.get('/api/good');
    expect([response.status, await response.text()]).toEqual([503, 'Function host is not running.']);
    expect(host.logged('error').join()).toContain(named);
  });
});

describe('settings', () => {
  const showEnvironment = esm(`app.http('env', { handler: async () => ({ jsonBody: process.env }) });`);

  test('come from the options, else the process, else local.settings.json', async () => {
    process.env.FROM_PROCESS = 'process';
    const host = await start({
      appDirectory: writeApp({
        'index.js': showEnvironment,
        'local.settings.json': `{ // comments are fine
          "IsEncrypted": false, "Values": { "FROM_FILE": "file", "FROM_PROCESS": "file", "FROM_START": "file", }, "Host": { "CORS": "*" } }`,
      }),
      settings: { FROM_START: 'start' },
    });
    expect(await (await host.get('/api/env')).json()).toMatchObject({
      FROM_FILE: 'file',
      FROM_PROCESS: 'process',
      FROM_START: 'start',
      FUNCTIONS_WORKER_RUNTIME: 'node',
      WEBSITE_HOSTNAME: new URL(host.url).host,
    });
    expect(host.logged('warning')).toContain('local.settings.json: Host is not honoured by this host.');
  });

  test.each([
    ['is encrypted', '{ "IsEncrypted": true, "Values": {} }', /encrypted/],
    ['is no JSON', '{ "Values": ', /not JSON/],
    ['holds an object', '{ "Values": { "A": {} } }', /Values\.A/],
  ])('are refused when local.settings.json %s', async (_, text, message) => {
    const appDirectory = writeApp({ 'index.js': showEnvironment, 'local.settings.json': text });
    await expect(start({ appDirectory })).rejects.toMatchObject({
      code: 'setting-invalid',
      message: expect.stringMatching(message),
    });
  });

  test('of host.json are honoured, or listed once as not honoured', async () => {
    const host = await start({
      appDirectory: writeApp({
        'index.js': showEnvironment,
        'host.json': JSON.stringify({
          version: '2.0',
          logging: {
            applicationInsights: { samplingSettings: { isEnabled: true } },
            fileLoggingMode: 'always',
          },
          extensions: {
            http: {
              routePrefix: 'v1',
              customHeaders: { 'x-from': 'host.json' },
              maxConcurrentRequests: 5,
              maxOutstandingRequests: 9,
              dynamicThrottlesEnabled: true,
              hsts: { isEnabled: true },
            },
          },
        }),
      }),
    });
    const response = await host.get('/v1/env');
    expect([response.status, response.headers.get('x-from')]).toEqual([200, 'host.json']);
    expect(host.logged('warning').filter((message) => message.includes('host.json'))).toEqual([
      'host.json: not honoured by this host: logging.fileLoggingMode, extensions.http.hsts.isEnabled.',
    ]);
  });

  test('keep the host running without functions when host.json is invalid JSON', async () => {
    const host = await start({
      appDirectory: writeApp({ 'index.js': showEnvironment, 'host.json': '{ "version"' }),
    });
    expect((await host.get('/api/env')).status).toBe(503);
    expect((await host.get('/admin/host/ping')).status).toBe(200);
    expect(host.logged('error').join()).toMatch(/Unable to parse host configuration file '.*host\.json'/);
  });

  test.each([
    ['{ "version": "2.0", ', 'version', 1, 20],
    ['{\n  "extensions": {\n    "http": { "routePrefix": "a" }', 'extensions.http', 3, 34],
    ['{ // so far\n "logging": {', 'logging', 2, 13],
  ])('of a truncated host.json, %j, report the position', async (text, path, line, position) => {
    const host = await start({ appDirectory: writeApp({ 'index.js': showEnvironment, 'host.json': text }) });
    expect(host.logged('error').join()).toContain(
      `Unexpected end of content while loading JObject. Path '${path}', line ${line}, position ${position}.`,
    );
  });

  test('with an invalid functionTimeout are refused', async () => {
    const appDirectory = writeApp({
      'index.js': showEnvironment,
      'host.json': '{ "version": "2.0", "functionTimeout": "soon" }',
    });
    await expect(start({ appDirectory })).rejects.toMatchObject({ code: 'setting-invalid' });
  });

  test('disable functions', async () => {
    const host = await start({
      appDirectory: toyApp('functions-http'),
      settings: { 'AzureWebJobs.echo.Disabled': 'true' },
    });
    expect((await host.get('/api/echo')).status).toBe(404);
    expect(await (await host.get('/admin/functions/echo')).json()).toMatchObject({ isDisabled: true });
  });
});
