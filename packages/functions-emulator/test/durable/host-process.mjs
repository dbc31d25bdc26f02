// A host in its own process: prints its address, and starts the workflow if requested.
import { fileURLToPath } from 'node:url';
import { ServiceBusClient } from '@azure/service-bus';
import { startHost, virtualClock, wallClock } from 'functions-emulator';

const { dataDirectory, killAt, killAtAfterStart, workflow, redelivery } = JSON.parse(process.argv[2]);
let commits = 0;
let commitsOfStart = Infinity;
const host = await startHost({
  appDirectory: fileURLToPath(new URL('../apps/durable', import.meta.url)),
  dataDirectory,
  port: 0,
  serviceBusPort: 0,
  redelivery,
  clock: workflow ? virtualClock(Date.parse('2026-01-01T00:00:00Z')) : wallClock(),
  introspection: {
    onCommit: (commit) => {
      commits = commit;
      return commit === killAt || commit - commitsOfStart === killAtAfterStart ? 'kill' : 'continue';
    },
  },
  onEvent: (event) => {
    if (event.kind === 'invocation-started' && event.trigger === 'activityTrigger')
      console.log('activity', event.name);
  },
});
commitsOfStart = commits;
console.log(host.url);

if (workflow) {
  const api = `${host.url}/runtime/webhooks/durabletask`;
  const send = (method, path, body) =>
    fetch(api + path, { method, headers: { 'content-type': 'application/json' }, ...(body ? { body } : {}) });
  if ((await send('GET', '/instances/crash')).status === 404) {
    const client = new ServiceBusClient(host.serviceBusConnectionString);
    await client.createSender('orders').sendMessages({ body: { id: 'crash' }, messageId: 'order-1' });
    await client.close();
  }
  let raised = false;
  for (;;) {
    const response = await send('GET', '/instances/crash');
    const status = response.status === 404 ? {} : await response.json();
    if (status.runtimeStatus === 'Completed' || status.runtimeStatus === 'Failed') break;
    if (status.customStatus === 'waiting' && !raised) {
      raised = true;
      await send('POST', '/instances/crash/raiseEvent/go', '"now"');
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await host.idle();
  await host.stop();
  process.exit(0);
}
