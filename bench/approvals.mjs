// 500 requests wait: how long the queue page takes, and how long a decision takes to be acknowledged.
// usage: npm run build && node bench/approvals.mjs [incidents] [decisions]
// The real app on the embedded host with a simulated tenant, in one process; times are those of a caller on this machine.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { wallClock } from 'functions-emulator';
import { ResponderApi } from '../dist/src/cli/approvals-api.js';
import { findFixture } from '../dist/src/cli/fixture.js';
import { startResponder } from '../dist/src/cli/responder.js';
import { signInLink, signInToken, signInTokenOf } from '../dist/src/cli/sign-in.js';
import { percentile, sleep } from './system.mjs';

const incidents = Number(process.argv[2] ?? 500);
const decisions = Number(process.argv[3] ?? 300);
const LANES = 8;
const PAGES = 40;
/** Those of the fixture's analysts who are approvers. */
const APPROVERS = ['a101', 'a102', 'a104'].map((end) => `00000000-0000-4000-8000-00000000${end}`);
const SECRET = 'only for this measurement, longer than thirty-two characters';

/** Without the enrichment that the service answers once a second: 500 incidents at once would wait for it alone. */
const PLAYBOOK = `
id: bench
title: Device to isolate
when: incident.severity == "high"
enrich:
  - { action: defender.device, as: device, for: host, deadline: 30s }
  - { action: defender.vulnerabilities, as: vulnerabilities, for: host, deadline: 30s }
  - { action: entra.user, as: user, for: account, deadline: 30s }
  - { action: defender.file, as: file, for: file, deadline: 30s }
  - { action: sentinel.ip-geo, as: geo, for: ip, deadline: 30s }
respond:
  - id: isolate
    action: defender.isolate-device
    for: host
    when: device.onboardingStatus == "Onboarded"
    tier: analysts
    why: For the measurement.
`;

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-approvals-'));
const playbooksDirectory = path.join(directory, 'playbooks');
fs.mkdirSync(playbooksDirectory);
fs.writeFileSync(path.join(playbooksDirectory, 'bench.yaml'), PLAYBOOK);

const fixture = findFixture('ransomware-on-workstation');
const names = Array.from(
  { length: incidents },
  (_, i) => `00000000-0000-4000-8000-${String(700_000_000_000 + i)}`,
);
const tenant = structuredClone(fixture.tenant);
const [first] = tenant.incidents;
tenant.incidents = names.map((name, i) => ({
  ...first,
  name,
  properties: { ...first.properties, incidentNumber: 10_000 + i, providerIncidentId: String(10_000 + i) },
}));

const responder = await startResponder({
  source: { kind: 'simulated', tenant },
  clock: wallClock(),
  signInSecret: SECRET,
  analysts: fixture.about.analysts,
  port: 0,
  serviceBusPort: 0,
  dataDirectory: path.join(directory, 'host'),
  redelivery: 'at-once',
  playbooksDirectory,
  onEvent: (event) => {
    if (event.kind === 'log' && ['error', 'critical'].includes(event.level)) console.error(event.message);
  },
});
try {
  await measure();
} finally {
  await responder.stop();
  fs.rmSync(directory, { recursive: true, force: true });
}

async function measure() {
  const { url, keys } = responder.host;
  const api = new ResponderApi(url, signInToken(SECRET));
  console.log(`${os.cpus().length} cores, ${os.cpus()[0]?.model}, Node ${process.version}, ${os.platform()}`);

  const began = performance.now();
  await inLanes(names, async (name) => {
    const event = JSON.parse(fixture.event);
    event.object.id = event.object.id.replace(/[^/]+$/, name);
    const headers = { 'content-type': 'application/json', 'x-functions-key': keys.function };
    const response = await fetch(`${url}/api/incidents`, {
      method: 'POST',
      headers,
      body: JSON.stringify(event),
    });
    if (response.status !== 202) throw new Error(`an incident was answered with ${response.status}`);
  });
  while ((await api.approvals()).length < incidents) await sleep(500);
  await responder.host.idle();
  console.log(`${incidents} requests wait after ${Math.round((performance.now() - began) / 1000)} s`);

  const cookie = await signIn(url);
  await timed('queue page', PAGES, () => read(`${url}/approvals`, { cookie }));
  const token = { authorization: `Bearer ${signInToken(SECRET)}` };
  await timed('queue, API, 50 a page', PAGES, () => read(`${url}/api/approvals`, token));

  const queue = await api.approvals();
  await timed('request page', PAGES, (i) =>
    read(`${url}/approvals/${queue[i % queue.length]?.id}`, { cookie }),
  );
  // A person reads a request before deciding: reading is not part of the time.
  const half = Math.floor(decisions / 2);
  const seen = await Promise.all(queue.slice(0, decisions).map(({ id }) => api.approval(id)));
  // In turn, because nobody may decide more than 60 times a minute.
  const analysts = APPROVERS.map((id) => new ResponderApi(url, signInTokenOf(SECRET, id)));
  let turn = 0;
  const decide = (approval) =>
    analysts[turn++ % analysts.length].decide(approval.request.id, approval.etag, {
      kind: 'approve',
      steps: approval.request.stepIds,
    });
  await withPauses('decision, one after the other', seen.slice(0, half), decide);
  await sleep(61_000);
  await lanes(`decision, ${LANES} at once`, seen.slice(half), decide);
}

async function signIn(url) {
  const response = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url },
    body: new URLSearchParams({
      token: new URL(signInLink(url, SECRET, Date.now())).searchParams.get('token'),
    }).toString(),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function read(address, headers) {
  const response = await fetch(address, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${address} was answered with ${response.status}`);
  return text;
}

async function timed(what, times, work) {
  for (let i = 0; i < 5; i += 1) await work(i);
  const took = [];
  for (let i = 0; i < times; i += 1) took.push(await time(() => work(i)));
  report(what, took);
}

/** People do not decide in the same moment: a pause lets what a decision caused come to rest. */
async function withPauses(what, items, work) {
  const took = [];
  for (const item of items) {
    took.push(await time(() => work(item)));
    await sleep(100);
  }
  report(what, took);
}

async function lanes(what, items, work) {
  const took = [];
  await inLanes(items, async (item) => took.push(await time(() => work(item))));
  report(what, took);
}

async function inLanes(items, work) {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function time(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function report(what, took) {
  const ms = (part) => `${Math.round(percentile(took, part))} ms`;
  console.log(
    `${what.padEnd(32)} n ${took.length}  p50 ${ms(0.5)}  p95 ${ms(0.95)}  p99 ${ms(0.99)}  max ${ms(1)}`,
  );
}
