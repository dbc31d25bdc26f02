// Runs a host whose disk is full from a given commit on, and then one with free space. Prints the outcome of each
// request, as a line of JSON for each given commit.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ServiceBusClient } from '@azure/service-bus';
import { startHost, virtualClock } from 'functions-emulator';

const { directory, commits, how } = JSON.parse(process.argv[2]);
const API = '/runtime/webhooks/durabletask';
const PATIENCE_MS = 15_000;

/** Two ways to have no space: the system lets this process write nothing more, or another file has taken it all. */
const disk = {
  limit: {
    fill: () => execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=0:unlimited']),
    free: () => execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:unlimited']),
  },
  ballast: {
    fill: () => {
      const file = openSync(join(directory, 'ballast'), 'w');
      for (const size of [65_536, 4096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if (error.code !== 'ENOSPC') throw error;
        }
      }
      closeSync(file);
    },
    free: () => rmSync(join(directory, 'ballast'), { force: true }),
  },
}[how];

async function until(what, done) {
  const limit = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await done();
    if (found) return found;
    if (performance.now() > limit) throw new Error(`waited too long until ${what}`);
    await sleep(3);
  }
}

/** A host with a client for each of its endpoints; each call reports `accepted`, or how it was rejected. */
async function open(dataDirectory, onCommit) {
  const logged = [];
  const host = await startHost({
    appDirectory: fileURLToPath(new URL('../apps/durable', import.meta.url)),
    dataDirectory,
    port: 0,
    serviceBusPort: 0,
    clock: virtualClock(Date.UTC(2026, 0, 1)),
    introspection: { onCommit },
    onEvent: (event) => event.kind === 'log' && event.level === 'critical' && logged.push(event.message),
  });
  const bus = new ServiceBusClient(host.serviceBusConnectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 5000 },
  });
  const [topic] = host.eventGridTopics;
  const publisher = new EventGridPublisherClient(topic.url, 'EventGrid', new AzureKeyCredential(topic.key), {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  const sender = bus.createSender('orders');
  const post = async (path, body) => {
    const response = await fetch(host.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 202) throw Object.assign(new Error(text), { code: response.status });
  };
  const attempt = (work) =>
    work.then(
      () => 'accepted',
      (error) => ({ code: error.code ?? error.statusCode, message: error.message }),
    );
  return {
    logged,
    start: (id) => attempt(post(`${API}/orchestrators/workflow/${id}`, {})),
    function: () => attempt(post('/api/start/chain', {})),
    raise: (id) => attempt(post(`${API}/instances/${id}/raiseEvent/go`, 'now')),
    message: (id) => attempt(sender.sendMessages({ body: { id }, messageId: id })),
    event: (id) =>
      attempt(publisher.send([{ id, subject: 's', eventType: 't', dataVersion: '1', data: {} }])),
    async status(id) {
      const response = await fetch(`${host.url}${API}/instances/${id}`);
      return response.status === 404 ? undefined : response.json();
    },
    async stop() {
      await bus.close();
      await host.stop();
    },
  };
}

/** Starts an instance through each endpoint, and continues until all have ended or the disk is full. */
async function begin(host, said) {
  const full = () => host.logged.length > 0;
  for (const door of ['start', 'message', 'event']) {
    if (!full()) said[door] = await host[door](door);
  }
  for (const id of ['start', 'message']) {
    if (said[id] !== 'accepted') continue;
    await until(`${id} waits`, async () => full() || (await host.status(id))?.customStatus === 'waiting');
    if (!full()) said[`raise ${id}`] = await host.raise(id);
  }
  for (const id of ['start', 'message', 'event']) {
    if (said[id] !== 'accepted') continue;
    await until(`${id} ends`, async () => full() || (await host.status(id))?.runtimeStatus === 'Completed');
  }
}

async function play(commit) {
  const dataDirectory = mkdtempSync(join(directory, 'data-'));
  const said = {};
  const report = { commit, said };
  if (commit === 0) disk.fill();
  try {
    const host = await open(dataDirectory, (number) => {
      if (number === commit) disk.fill();
      return 'continue';
    });
    await begin(host, said);
    report.logged = [...host.logged];
    if (host.logged.length > 0) {
      report.late = {};
      for (const door of ['start', 'message', 'event', 'function'])
        report.late[door] = await host[door]('late');
      report.lateStatus = await host.status('late');
    }
    await host.stop();
  } catch (error) {
    report.stopped = { name: error.name, code: error.code, message: error.message };
  }
  disk.free();
  const again = await open(dataDirectory, () => 'continue');
  report.after = {};
  for (const id of ['start', 'message', 'event', 'late']) {
    if (said[id] !== 'accepted') {
      report.after[id] = await again.status(id);
      continue;
    }
    // As it was at its end: a repeated delivery may start it once more.
    report.after[id] = await until(`${id} ends after all`, async () => {
      const status = await again.status(id);
      const heard = said[`raise ${id}`] === 'accepted';
      if (status?.customStatus === 'waiting' && !heard && id !== 'event') {
        said[`raise ${id}`] = await again.raise(id);
      }
      return status?.runtimeStatus === 'Completed' && status;
    });
  }
  await again.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
  return report;
}

for (const commit of commits) console.log(JSON.stringify(await play(commit)));
process.exit(0);
