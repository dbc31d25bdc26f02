/** https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-task-hubs */
import { describe, expect, test } from 'vitest';
import { start, writeApp } from './app.js';

describe('settings in hubName of host.json', () => {
  const app = {
    'index.js': `import { app } from '@azure/functions';
      import * as df from 'durable-functions';
      app.http('urls', { extraInputs: [df.input.durableClient()], handler: async (_, context) =>
        ({ jsonBody: df.getClient(context).createHttpManagementPayload('x') }) });`,
  };
  const hub = (hubName: string): string =>
    JSON.stringify({ version: '2.0', extensions: { durableTask: { hubName } } });

  test.each([
    ['%MyTaskHub%', { MyTaskHub: 'MyHub' }, 'MyHub'],
    ['a%One%b%Two%', { One: '1', Two: '2' }, 'a1b2'],
    ['%mytaskhub%', { MyTaskHub: 'OtherCase' }, 'OtherCase'],
    ['%Task:Hub%', { Task__Hub: 'Nested' }, 'Nested'],
    ['Literal', {}, 'Literal'],
  ])('%s with %j is %s', async (hubName, settings, expected) => {
    const host = await start({ appDirectory: writeApp({ ...app, 'host.json': hub(hubName) }), settings });
    const urls = (await (await host.get('/api/urls')).json()) as { statusQueryGetUri: string };
    expect(new URL(urls.statusQueryGetUri).searchParams.get('taskHub')).toBe(expected);
    expect(await (await host.get('/admin/host/config')).json()).toMatchObject({
      extensions: { durableTask: { hubName: expected } },
    });
  });

  test.each([
    [
      '%NotSet%',
      {},
      '%NotSet%',
      'Invalid container name. Check MSDN for more information about valid container naming.',
    ],
    [
      '%Open',
      { Open: 'x' },
      '%Open',
      'Invalid container name. Check MSDN for more information about valid container naming.',
    ],
    [
      '%Set%',
      { Set: 'x' },
      'x',
      'Invalid container name length. The container name must be between 3 and 63 characters long.',
    ],
    ['my-hub', {}, 'my-hub', 'Invalid table name. Check MSDN for more information about valid table naming.'],
  ])("%s with %j stops the host with the real one's error", async (hubName, settings, name, why) => {
    const host = await start({ appDirectory: writeApp({ ...app, 'host.json': hub(hubName) }), settings });
    const error = `Microsoft.Azure.WebJobs.Extensions.DurableTask: Task hub name '${name}' should contain only alphanumeric characters, start with a letter, and have length between 3 and 45. Microsoft.Azure.WebJobs.Extensions.DurableTask: ${why}`;
    const response = await host.get('/api/urls');
    expect([response.status, await response.text()]).toEqual([503, 'Function host is not running.']);
    expect(await (await host.get('/admin/host/status')).json()).toMatchObject({
      state: 'Error',
      errors: [error],
    });
    expect(host.logged('error').join()).toContain(error);
  });

  test('not set: a warning says where to set it', async () => {
    const host = await start({ appDirectory: writeApp({ ...app, 'host.json': hub('%NotSet%') }) });
    expect(host.logged('warning')).toContain(
      `host.json: extensions.durableTask.hubName is "%NotSet%": '%NotSet%' does not resolve to a value. Add the setting to Values of local.settings.json.`,
    );
  });
});
