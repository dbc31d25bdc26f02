import { expect, onTestFinished, test } from 'vitest';
import type { InvocationRequest } from '../../src/worker/worker-types.js';
import { start as startApp, writeApp } from '../functions/app.js';
import { connect } from './namespace.js';
import { OK, queueFunction, start } from './trigger-host.js';

/** What the function receives for a message with this body. */
async function given(body: unknown, trigger: object = {}): Promise<InvocationRequest> {
  const requests: InvocationRequest[] = [];
  const { bus } = await start(queueFunction(trigger), async (request) => {
    requests.push(request);
    return OK;
  });
  const client = connect(bus.connectionString as string);
  const contentType = 'application/json';
  await client.createSender('incidents').sendMessages({ body: body as never, messageId: 'm-1', contentType });
  await expect.poll(() => requests.length).toBe(1);
  return requests[0] as InvocationRequest;
}

/**
 * https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script/Description/Workers/WorkerFunctionInvoker.cs
 * (`TransformInput`) puts the members of a JSON text into the binding data, whose names are compared in any case.
 */
test('members of a JSON body are in the trigger metadata and override the message’s own', async () => {
  const body = {
    messageid: 'of the body',
    count: 7,
    big: 1e21,
    yes: true,
    none: null,
    list: [1],
    at: '2031-01-02T03:04:05+02:00',
    nested: { at: '2031-01-02T03:04:05+02:00' },
  };
  const { triggerMetadata, inputs } = await given(body);
  expect(triggerMetadata).toMatchObject({
    MessageId: { string: 'of the body' },
    count: { string: '7' },
    big: { string: '1E+21' },
    yes: { string: 'True' },
    at: { string: '01/02/2031 01:04:05' },
    nested: { json: '{"at":"2031-01-02T01:04:05+00:00"}' },
  });
  expect(Object.keys(triggerMetadata)).not.toEqual(expect.arrayContaining(['none']));
  expect(Object.keys(triggerMetadata)).not.toEqual(expect.arrayContaining(['list']));
  expect(inputs).toEqual([{ name: 'message', data: { string: JSON.stringify(body) } }]);
});

test.each([
  ['is no object', [{ messageId: 'x' }], {}],
  ['lies too deep', `{"messageId":"x","a":${'['.repeat(64)}${']'.repeat(64)}}`, {}],
  ['is bound as bytes', { messageId: 'x' }, { dataType: 'binary' }],
])('a body that %s adds nothing', async (_, body, trigger) => {
  const { triggerMetadata } = await given(typeof body === 'string' ? Buffer.from(body) : body, trigger);
  expect(triggerMetadata.MessageId).toEqual({ string: 'm-1' });
});

test('a body of 200 KB with 100,000 nesting levels reaches the function at its first delivery', async () => {
  const host = await startApp({
    appDirectory: writeApp({
      'index.js': `
        import { app } from '@azure/functions';
        const seen = [];
        app.serviceBusQueue('deep', { queueName: 'deep', connection: 'AzureWebJobsServiceBus', handler: async (body, context) => {
          let depth = 0;
          for (let at = body; Array.isArray(at); at = at[0]) depth++;
          seen.push({ depth, delivery: context.triggerMetadata.deliveryCount });
        } });
        app.http('seen', { handler: async () => ({ jsonBody: seen }) });`,
    }),
  });
  const client = connect(host.serviceBusConnectionString as string);
  onTestFinished(() => client.close());
  const body = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
  await client.createSender('deep').sendMessages({ body, contentType: 'application/json' });
  await expect
    .poll(async () => (await host.get('/api/seen')).json())
    .toEqual([{ depth: 100_000, delivery: 1 }]);
});
