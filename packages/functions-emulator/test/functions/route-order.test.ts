import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { start, writeApp } from './app.js';

const http = (name: string, route: string, more = ''): string =>
  `app.http('${name}', { route: '${route}', ${more} handler: async (request) => ({ jsonBody: { by: '${name}', ...request.params } }) });`;
const appOf = (...functions: string[]): string =>
  writeApp({ 'index.js': [`import { app } from '@azure/functions';`, ...functions].join('\n') });

/**
 * https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script/Host/FunctionMetadataManager.cs orders by
 * `StringComparer.OrdinalIgnoreCase`, and
 * https://github.com/Azure/azure-webjobs-sdk-extensions/blob/dev/src/WebJobs.Extensions.Http/Routing/WebJobsRouteBuilder.cs
 * adds routes in that order: the first that matches wins, whatever it consists of.
 */
describe('routes are tried in the order of function names', () => {
  test('a parameter wins over a literal whose function comes later', async () => {
    const host = await start({
      appDirectory: appOf(
        http('signIn', 'page/sign-in'),
        http('page', 'page/{id}'),
        http('zInt', 'page/{id:int}'),
      ),
    });
    const by = async (path: string): Promise<unknown> => (await host.get(path)).json();
    expect(await by('/api/page/sign-in')).toEqual({ by: 'page', id: 'sign-in' });
    expect(await by('/api/page/7')).toEqual({ by: 'page', id: '7' });
  });

  test('names are compared in upper case: an underscore comes after the letters', async () => {
    const host = await start({
      appDirectory: appOf(http('a_b', 'x/{one}'), http('ab', 'x/{two}'), http('Ac', 'x/{three}')),
    });
    expect(await (await host.get('/api/x/1')).json()).toEqual({ by: 'ab', two: '1' });
  });

  test('a route with another method or constraint is skipped', async () => {
    const host = await start({
      appDirectory: appOf(
        http('a', 'x/{id}', `methods: ['POST'],`),
        http('b', 'x/{id:int}'),
        http('c', 'x/{*rest}'),
      ),
    });
    const by = async (path: string): Promise<unknown> => (await host.get(path)).json();
    expect(await by('/api/x/5')).toEqual({ by: 'b', id: '5' });
    expect(await by('/api/x/y')).toEqual({ by: 'c', rest: 'y' });
  });

  test('a disabled function keeps its route', async () => {
    const host = await start({
      appDirectory: appOf(http('a', 'x/{id}'), http('b', 'x/y')),
      settings: { 'AzureWebJobs.a.Disabled': 'true' },
    });
    expect((await host.get('/api/x/y')).status).toBe(404);
  });

  test('of any two functions for the same request the first by name answers, in whatever order they are registered', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-zA-Z][\w-]{0,4}$/), {
      minLength: 2,
      maxLength: 5,
      selector: (name) => name.toUpperCase(),
    });
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        fc.pre(!all.some((name) => name.toUpperCase() === 'HOST'));
        const host = await start({ appDirectory: appOf(...all.map((name, i) => http(name, `x/{p${i}}`))) });
        const upper = (name: string): string => name.toUpperCase();
        const [first] = [...all].sort((a, b) => (upper(a) < upper(b) ? -1 : 1));
        expect(await (await host.get('/api/x/1')).json()).toMatchObject({ by: first });
        await host.stop();
      }),
      { numRuns: 6 },
    );
  });

  test.each(['admin', 'administration/x', 'runtime/webhooks/mine', '/admin/'])(
    'a reserved route (%s) puts its function in error',
    async (route) => {
      const host = await start({ appDirectory: appOf(http('a', route), http('b', 'fine')) });
      expect(host.logged('error')).toContain(
        "The 'a' function is in error: The specified route conflicts with one or more built in routes.",
      );
      expect((await host.get('/api/fine')).status).toBe(200);
    },
  );

  test('equal routes with a common method clash in any case, with the later in error', async () => {
    const host = await start({
      appDirectory: appOf(
        http('a', 'Same', `methods: ['GET'],`),
        http('b', 'same', `methods: ['POST'],`),
        http('c', 'SAME', `methods: ['POST', 'PUT'],`),
      ),
    });
    expect(host.logged('error')).toEqual([
      "The 'c' function is in error: The route specified conflicts with the route defined by function 'b'.",
    ]);
    expect((await host.get('/api/same', { method: 'PUT' })).status).toBe(404);
  });
});
