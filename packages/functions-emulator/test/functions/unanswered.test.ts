import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import { expect, onTestFinished, test } from 'vitest';
import { writeApp } from './app.js';

/** Each call records its input; in a hanging run, none ends. */
const app = `
  import { appendFileSync, existsSync } from 'node:fs';
  import { app } from '@azure/functions';
  const note = async (entry) => {
    appendFileSync(process.env.NOTES, JSON.stringify(entry) + '\\n');
    if (process.env.HANG === '1') await new Promise(() => {});
  };
  app.serviceBusQueue('onMessage', { queueName: 'q', connection: 'AzureWebJobsServiceBus',
    handler: (body, context) => note({ message: body.id, delivery: context.triggerMetadata.deliveryCount }) });
  app.eventGrid('onEvent', { handler: (event) => note({ event: event.id }) });
`;

interface Life {
  readonly url: string;
  readonly serviceBusConnectionString: string;
  readonly topic: { readonly url: string; readonly key: string };
  readonly process: ChildProcess;
}

async function live(
  appDirectory: string,
  dataDirectory: string,
  notes: string,
  hang: boolean,
): Promise<Life> {
  const options = { appDirectory, dataDirectory, settings: { NOTES: notes, HANG: hang ? '1' : '0' } };
  const script = fileURLToPath(new URL('./unanswered-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { ...(JSON.parse(line) as Omit<Life, 'process'>), process: child };
}

async function publish({ serviceBusConnectionString, topic }: Life): Promise<void> {
  const bus = new ServiceBusClient(serviceBusConnectionString);
  await bus.createSender('q').sendMessages({ body: { id: 'm' }, messageId: 'm' });
  await bus.close();
  const publisher = new EventGridPublisherClient(topic.url, 'EventGrid', new AzureKeyCredential(topic.key), {
    allowInsecureConnection: true,
  });
  await publisher.send([{ id: 'e', eventType: 'T', subject: 's', dataVersion: '1', data: {} }]);
}

/**
 * A message is not settled before its function has ended: https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement
 * and https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
test('a message and an event whose function was killed are delivered again after the restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'unanswered-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  const [data, notes] = [join(directory, 'data'), join(directory, 'notes')];
  const appDirectory = writeApp({ 'index.js': app });
  const noted = (): unknown[] =>
    existsSync(notes)
      ? readFileSync(notes, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown)
      : [];

  const first = await live(appDirectory, data, notes, true);
  await publish(first);
  await expect.poll(noted, { timeout: 10_000 }).toHaveLength(2);
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');

  const second = await live(appDirectory, data, notes, false);
  await expect
    .poll(noted, { timeout: 20_000 })
    .toEqual(
      expect.arrayContaining([{ message: 'm', delivery: 1 }, { event: 'e' }, { message: 'm', delivery: 2 }]),
    );
  await expect.poll(() => noted().filter((one) => 'event' in (one as object))).toHaveLength(2);

  // A settled message is not redelivered.
  second.process.kill('SIGKILL');
  await once(second.process, 'exit');
  await live(appDirectory, data, notes, false);
  expect(noted()).toHaveLength(4);
}, 60_000);
