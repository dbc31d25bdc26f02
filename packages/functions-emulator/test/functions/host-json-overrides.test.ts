/** https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values */
import { describe, expect, test } from 'vitest';
import { start, writeApp } from './app.js';

const APP = {
  'index.js': `import { app } from '@azure/functions';
    import * as df from 'durable-functions';
    app.http('urls', { extraInputs: [df.input.durableClient()], handler: async (_, context) =>
      ({ jsonBody: df.getClient(context).createHttpManagementPayload('x') }) });`,
};
const HUB = 'AzureFunctionsJobHost__extensions__durableTask__hubName';
const hostJson = (json: object): string => JSON.stringify({ version: '2.0', ...json });

describe('a setting AzureFunctionsJobHost__…', () => {
  test.each([
    ['overrides host.json', { extensions: { durableTask: { hubName: 'Written' } } }, { [HUB]: 'Other' }],
    ['adds what host.json does not have', {}, { [HUB]: 'Other' }],
    ['counts in any letter case', {}, { azurefunctionsjobhost__Extensions__durabletask__HUBNAME: 'Other' }],
    ['may have colons', {}, { 'AzureFunctionsJobHost:extensions:durableTask:hubName': 'Other' }],
    ['may name another setting', {}, { [HUB]: '%NAMED%', NAMED: 'Other' }],
  ])('%s', async (_what, json, settings) => {
    const appDirectory = writeApp({ ...APP, 'host.json': hostJson(json) });
    const host = await start({ appDirectory, settings });
    const urls = (await (await host.get('/api/urls')).json()) as { statusQueryGetUri: string };
    expect(new URL(urls.statusQueryGetUri).searchParams.get('taskHub')).toBe('Other');
    expect(await (await host.get('/admin/host/config')).json()).toMatchObject({
      extensions: { durableTask: { hubName: 'Other' } },
    });
    expect(host.logged('warning').join()).not.toContain('not honoured');
  });

  test('in local.settings.json is overridden by one of the environment', async () => {
    const local = JSON.stringify({
      Values: { [HUB]: 'Local', AzureFunctionsJobHost__extensions__http__routePrefix: 'v1' },
    });
    const appDirectory = writeApp({ ...APP, 'local.settings.json': local });
    const host = await start({ appDirectory, settings: { [HUB]: 'Given' } });
    const urls = (await (await host.get('/v1/urls')).json()) as { statusQueryGetUri: string };
    expect(new URL(urls.statusQueryGetUri).searchParams.get('taskHub')).toBe('Given');
  });

  test('holds a number, a truth value or a time span', async () => {
    const prefix = 'AzureFunctionsJobHost__';
    const appDirectory = writeApp(APP);
    const settings = {
      [`${prefix}functionTimeout`]: '-1',
      [`${prefix}extensions__serviceBus__maxConcurrentCalls`]: '3',
      [`${prefix}extensions__serviceBus__maxAutoLockRenewalDuration`]: '00:01:00',
      [`${prefix}extensions__durableTask__useGracefulShutdown`]: 'True',
    };
    const host = await start({ appDirectory, settings });
    expect((await host.get('/api/urls')).status).toBe(200);
    expect(await (await host.get('/admin/host/config')).json()).toMatchObject({
      extensions: {
        durableTask: { useGracefulShutdown: true },
      },
    });
  });

  test('of a wrong type fails the start, as in host.json', async () => {
    const settings = { AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: 'many' };
    await expect(start({ appDirectory: writeApp(APP), settings })).rejects.toThrow(/maxConcurrentCalls/);
  });

  test('changes nothing of the prototype, and one without a name is left out', async () => {
    const settings = { AzureFunctionsJobHost____proto____hubName: 'Evil', AzureFunctionsJobHost__: 'x' };
    const host = await start({ appDirectory: writeApp(APP), settings });
    expect((await host.get('/api/urls')).status).toBe(200);
    expect(({} as { hubName?: unknown }).hubName).toBeUndefined();
  });
});
