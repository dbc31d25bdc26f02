import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { expect, it } from 'vitest';
import { serviceUrlOf } from '../../../src/app/teams/conversations.js';
import { ResponderError } from '../../../src/domain/errors.js';

/** A call of the app, whose durable extension breaks every connection, as a host does that is stopping. */
async function brokenCall(): Promise<{ readonly context: InvocationContext; stop(): void }> {
  const server = createServer(({ socket }) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const input = df.input.durableClient();
  const context = new InvocationContext({ options: { extraInputs: [input], extraOutputs: [] } } as never);
  const base = `http://127.0.0.1:${port}/runtime/webhooks/durabletask/`;
  context.extraInputs.set(input, {
    taskHubName: 'hub',
    creationUrls: { createNewInstancePostUri: base, createAndWaitOnNewInstancePostUri: base },
    managementUrls: { id: 'INSTANCEID', statusQueryGetUri: `${base}instances/INSTANCEID?` },
    baseUrl: base,
    requiredQueryStringParameters: '',
    rpcBaseUrl: base,
  });
  return { context, stop: () => void server.close() };
}

it('a durable extension that breaks the connection costs no card: the call is made again', async () => {
  const { context, stop } = await brokenCall();
  try {
    const thrown = await serviceUrlOf(context, { tenantId: 'a-tenant', channelId: '19:channel' }).catch(
      (error: unknown) => error,
    );
    if (!(thrown instanceof ResponderError)) expect.fail(String(thrown));
    expect(thrown.info).toMatchObject({ code: 'storage-unavailable', fault: 'service', retry: 'later' });
  } finally {
    stop();
  }
});
