// The host under test as a child process, and what the measurements share.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const percentile = (values, p) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
};
export const newDataDirectory = () => fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
function post(url, body) {
  return new Promise((resolve, reject) => {
    const data = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end(data);
  });
}

/** Starts the host on a data directory. `start` and `approve` resolve once the host has answered: it is durable then. */
export async function startSystem(dataDirectory, upstream) {
  const program = fileURLToPath(new URL('./host-process.mjs', import.meta.url));
  const startedAt = performance.now();
  const child = fork(program, [dataDirectory, String(upstream.port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // As `npm start` does.
    execArgv: ['--max-old-space-size=768'],
  });
  const { url, systemKey } = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the host ended with ${code} before it was ready`)));
    child.once('message', (message) => resolve(message.ready));
  });
  const base = `${url}/runtime/webhooks/durabletask`;
  const key = `code=${encodeURIComponent(systemKey)}`;
  const expect202 = async (target, body) => {
    const status = await post(target, body);
    if (status !== 202) throw new Error(`${target} answered ${status}`);
  };
  return {
    pid: child.pid,
    readyMs: performance.now() - startedAt,
    start: (name, id, input) => expect202(`${base}/orchestrators/${name}/${id}?${key}`, input),
    approve: (id) => expect202(`${base}/instances/${id}/raiseEvent/approval?${key}`, { kind: 'approve' }),
    async usage() {
      child.send('usage');
      const [message] = await once(child, 'message');
      return message.usage;
    },
    async stop() {
      child.send('stop');
      await once(child, 'exit');
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** One Sentinel-shaped incident of about 20 KB. */
export function makeIncident(id) {
  const entities = Array.from({ length: 24 }, (_, i) => ({
    id: `${id}-e${i}`,
    kind: ['Account', 'Host', 'Ip', 'Url', 'FileHash', 'MailMessage'][i % 6],
    properties: {
      friendlyName: `entity-${i}`,
      address: `198.51.100.${i}`,
      additionalData: { note: 'x'.repeat(400) },
    },
  }));
  const alerts = Array.from({ length: 8 }, (_, i) => ({
    id: `${id}-a${i}`,
    properties: { alertDisplayName: `Alert ${i}`, severity: 'High', description: 'd'.repeat(800) },
  }));
  return { id, severity: 'High', alerts, entities };
}
