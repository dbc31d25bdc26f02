/**
 * A storm: distinct incidents within seconds over all three triggers, with duplicates, with bodies that cannot be used, with
 * some that are never delivered and only the sweep finds, and with a power cut in the middle. `npm run storm` sends 2,000.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { wallClock } from 'functions-emulator';
import { startSimulator } from 'tenant-simulator';
import { expect, it, onTestFinished } from 'vitest';
import { ResponderApi } from '../../src/cli/approvals-api.js';
import { RejectedApi } from '../../src/cli/rejected/rejected-api.js';
import { SIMULATED_APP, SIMULATED_GROUPS } from '../../src/cli/responder.js';
import { signInToken } from '../../src/cli/sign-in.js';
import { readEvent, readTenant } from '../app/responder.js';
import { Lives, type Ready } from './storm/lives.js';
import { type Sending, sendAll, TRIGGERS } from './storm/senders.js';

const INCIDENTS = Number(process.env.STORM_INCIDENTS ?? 160);
const POISON = Math.ceil(INCIDENTS / 40);
const NEVER_DELIVERED = Math.ceil(INCIDENTS / 20);
const SECRET = 'a secret of the storm, longer than thirty-two characters';
const WORKSPACE =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/law-soc';

const nameOf = (n: number) => `00000000-0000-4000-8000-0000000${String(50_000 + n)}`;

/** Incidents that no playbook handles, so that each costs little. */
function tenant() {
  const state = readTenant();
  const [first] = state.incidents;
  if (first === undefined) throw new Error('no incident');
  const lastModifiedTimeUtc = new Date().toISOString();
  const properties = { ...first.properties, severity: 'Low', lastModifiedTimeUtc };
  state.incidents = Array.from({ length: INCIDENTS }, (_, n) => ({
    ...first,
    name: nameOf(n),
    properties: { ...properties, providerIncidentId: String(50_000 + n) },
  }));
  return state;
}

/** In an order that mixes everything, the same in each run: one of ten incidents is sent by every trigger. */
function sendings(): Sending[] {
  // Small bodies: alerts and entities are read from Sentinel in any case.
  const event = readEvent();
  const { id } = event.object as { id: string };
  const of = (n: number) => ({
    ...event,
    object: { id: id.replace(/[^/]*$/, nameOf(n)), name: nameOf(n), properties: { title: 'Storm' } },
  });
  const trigger = (n: number) => TRIGGERS[n % 3] ?? 'http';
  const all = Array.from({ length: INCIDENTS - NEVER_DELIVERED }, (_, n): Sending[] =>
    n % 10 === 0
      ? TRIGGERS.map((one) => ({ trigger: one, body: of(n) }))
      : [{ trigger: trigger(n), body: of(n) }],
  ).flat();
  for (let n = 0; n < POISON; n++) all.push({ trigger: trigger(n), body: { poison: n } });
  return all
    .map((one, i) => ({ one, at: (i * 7_919) % all.length }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

it(`loses none of ${INCIDENTS} incidents, and starts each once`, async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'storm-'));
  const simulator = await startSimulator({ tenant: tenant(), clock: wallClock() });
  const lives = await Lives.of(dataDirectory, {
    ...SIMULATED_APP,
    SIMULATED_TENANT_URL: simulator.url,
    APPROVER_GROUPS: JSON.stringify(SIMULATED_GROUPS),
    LOCAL_SIGN_IN_SECRET: SECRET,
    SENTINEL_WORKSPACES: JSON.stringify([{ id: WORKSPACE }]),
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  });
  onTestFinished(async () => {
    await lives.kill();
    await simulator.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  let ready: Ready = await lives.start();
  const began = performance.now();
  const sweep = async () => {
    const headers = { 'x-functions-key': ready.keys.master, 'content-type': 'application/json' };
    const url = `${ready.url}/admin/functions/sweepWorkspaces`;
    expect((await fetch(url, { method: 'POST', headers, body: '{"input":""}' })).status).toBe(202);
  };
  const all = sendings();
  let restarted: Promise<void> | undefined;
  const restart = async () => {
    await lives.kill();
    ready = await lives.start();
    await sweep();
  };
  await sendAll(
    all,
    () => ready,
    (sent) => {
      if (sent > all.length / 2) restarted ??= restart();
    },
  );
  await restarted;
  const sentMs = performance.now() - began;
  await sweep();
  const api = new ResponderApi(ready.url, signInToken(SECRET));
  const ended = async () => {
    const found = await api.incidents();
    return found.filter(({ outcome }) => outcome !== undefined).length >= INCIDENTS ? found : undefined;
  };
  let incidents = await ended();
  while (incidents === undefined) {
    await pause(500);
    incidents = await ended();
  }
  expect(new Set(incidents.map(({ instanceId }) => instanceId)).size).toBe(INCIDENTS);
  expect(incidents).toHaveLength(INCIDENTS);
  expect(new Set(incidents.map(({ outcome }) => outcome))).toEqual(new Set(['no-playbook']));
  const rejected = await new RejectedApi({ url: ready.url, token: signInToken(SECRET) }).list();
  expect(rejected.map(({ code }) => code)).toEqual(Array.from({ length: POISON }, () => 'unknown-shape'));
  console.log(
    `${INCIDENTS} incidents in ${all.length} bodies: sent in ${Math.round(sentMs)} ms, ended after ${Math.round(performance.now() - began)} ms`,
  );
}, 3_600_000);
