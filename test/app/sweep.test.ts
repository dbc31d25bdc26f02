/** The reconciliation sweep finds what no trigger delivered: once, through faults, borders of pages and restarts. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { Responder, type ResponderOptions, readEvent, type Tenant, until, WORKSPACE } from './responder.js';

const settings = { SENTINEL_WORKSPACES: JSON.stringify([{ id: WORKSPACE }]) };
const MINUTE = 60_000;

/** Incidents that no playbook handles, so that each is cheap. `modified`: the time of the last change, by number. */
function incidents(modified: readonly string[], status = 'New') {
  return (tenant: Tenant): void => {
    const [first] = tenant.incidents;
    if (first === undefined) throw new Error('no incident');
    tenant.incidents = modified.map((lastModifiedTimeUtc, n) => ({
      ...structuredClone(first),
      name: `00000000-0000-4000-8000-0000000${String(40_000 + n)}`,
      properties: {
        ...first.properties,
        providerIncidentId: String(40_000 + n),
        severity: 'Low',
        status,
        lastModifiedTimeUtc,
      },
    }));
  };
}

async function start(options: ResponderOptions): Promise<Responder> {
  const responder = await Responder.start({ nobodyIsThere: true, settings, ...options });
  onTestFinished(() => responder.stop());
  return responder;
}
const lists = (responder: Responder) =>
  responder.simulator.calls().filter(({ method, path }) => method === 'GET' && /\/incidents$/i.test(path));
const watermark = async (responder: Responder) => {
  const key = createHash('sha256').update(WORKSPACE.toLowerCase()).digest('hex').slice(0, 40);
  const { system } = responder.host.keys;
  return (await responder.fetch(`/runtime/webhooks/durabletask/entities/watermark/${key}?code=${system}`, {}))
    .json;
};
const started = (responder: Responder) =>
  responder.events.flatMap((event) =>
    event.kind === 'instance-changed' &&
    event.runtimeStatus === 'Pending' &&
    event.instanceId.startsWith('incident-')
      ? [event.instanceId]
      : [],
  );
const sweeps = (responder: Responder) =>
  responder.events.filter((event) => event.kind === 'invocation-ended' && event.name === 'sweepWorkspaces')
    .length;
const sweptTimes = (responder: Responder, times: number) =>
  until(`${times} sweeps`, async () => (sweeps(responder) >= times ? true : undefined));

it('starts what was never delivered, once, and leaves closed and old incidents alone', async () => {
  const at = (hours: number) =>
    new Date(Date.parse('2026-03-10T08:12:00Z') - hours * 60 * MINUTE).toISOString();
  const responder = await start({
    change: (tenant) => {
      incidents([at(1), at(2), at(23), at(25)])(tenant);
      const open = tenant.incidents;
      incidents([at(1), at(1), at(1), at(1), at(3)], 'Closed')(tenant);
      tenant.incidents = [...open, ...tenant.incidents.slice(4)];
    },
  });
  await sweptTimes(responder, 3);
  expect(started(responder)).toHaveLength(3);
  const file = await responder.ended(started(responder)[0] ?? '');
  expect(file.timeline[0]?.text).toContain('accepted through the reconciliation sweep');
  // While nothing changes, a sweep writes nothing.
  await sweptTimes(responder, 6);
  const before = await watermark(responder);
  await sweptTimes(responder, 9);
  expect(await watermark(responder)).toEqual(before);
  expect(started(responder)).toHaveLength(3);
  // Between two sweeps.
  responder.hold();
  await responder.host.idle();
  expect(lists(responder)).toHaveLength(sweeps(responder));
});

it('finds an incident that the list has minutes after its change', async () => {
  const responder = await start({ change: incidents(['2026-03-10T08:11:00Z']) });
  const add = (minutesAgo: number, n: number) =>
    responder.simulator.update((tenant: Tenant) => {
      const late = structuredClone(tenant.incidents[0]) ?? expect.fail();
      late.name = late.name.replace(/.$/, String(n));
      late.properties.providerIncidentId = String(40_000 + n);
      late.properties.lastModifiedTimeUtc = new Date(responder.now() - minutesAgo * MINUTE).toISOString();
      tenant.incidents.push(late);
    });
  await sweptTimes(responder, 6);
  const goOn = responder.hold();
  const { changedAt: before } = await watermark(responder);
  add(0, 7);
  goOn();
  await until('a later watermark', async () =>
    (await watermark(responder)).changedAt === before ? undefined : true,
  );
  const goOnAgain = responder.hold();
  // The sweep that found the other one has looked for it in vain.
  add(9, 8);
  goOnAgain();
  await until('the late one', async () => (started(responder).length >= 3 ? true : undefined));
  await sweptTimes(responder, sweeps(responder) + 2);
  expect(started(responder)).toHaveLength(3);
});

it('misses none of hundreds at the same time, although pages fail and the service throttles', async () => {
  const responder = await start({
    change: incidents(Array.from({ length: 210 }, (_, n) => `2026-03-10T08:1${n < 60 ? 0 : 1}:00.0000001Z`)),
    faults: [503, 429].map((status) => ({
      host: 'management.azure.com',
      path: /\/incidents$/i,
      skip: 2,
      times: 5,
      answer: { kind: 'status', status },
    })),
  });
  await until('all', async () => (new Set(started(responder)).size >= 210 ? true : undefined));
  await sweptTimes(responder, sweeps(responder) + 2);
  expect(started(responder)).toHaveLength(210);
});

it('continues after a kill in the middle, and does not start again what was started', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'sweep-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const responder = await start({
    dataDirectory,
    change: incidents(
      Array.from({ length: 120 }, (_, n) => `2026-03-10T08:10:00.${String(n).padStart(3, '0')}Z`),
    ),
  });
  await until('some', async () => (started(responder).length >= 30 ? true : undefined));
  await responder.restart();
  await until('all', async () => (new Set(started(responder)).size >= 120 ? true : undefined));
  await sweptTimes(responder, sweeps(responder) + 2);
  expect(started(responder)).toHaveLength(120);
});

/** Makes the case file of an ended incident unreadable, so that every delivery of it fails. */
function spoil(dataDirectory: string, instanceId: string): void {
  const id = `@case@${instanceId}.1`;
  const database = new Libsql(join(dataDirectory, 'host.db'));
  const row = database.prepare('SELECT entity_state AS state FROM instances WHERE id = ?').get(id);
  const { state } = row as { state: string };
  const spoilt = JSON.stringify({ ...JSON.parse(state), state: '{"from":"another version"}' });
  database.prepare('UPDATE instances SET entity_state = ? WHERE id = ?').run(spoilt, id);
  database.close();
}

it('goes on behind an incident that fails, looks for it for a day, and takes a batch apart', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'sweep-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const here: Record<string, string> = {};
  const responder = await start({
    dataDirectory,
    settings: here,
    change: incidents(Array<string>(24).fill('2026-03-01T08:00:00Z')),
  });
  const { name } = responder.tenant().incidents[0] ?? expect.fail();
  const event = (readEvent().object as { name: string }).name;
  const eventOf = (one: string) => JSON.parse(JSON.stringify(readEvent()).replaceAll(event, one)) as object;
  const poison = await responder.deliver(eventOf(name));
  await responder.ended(poison);
  await responder.host.idle();
  let changedAt = '';
  await responder.restart(() => {
    Object.assign(here, settings);
    spoil(dataDirectory, poison);
    const time = (ms: number) => new Date(responder.now() - 24 * 60 * MINUTE + ms).toISOString();
    changedAt = time(12 * MINUTE);
    responder.simulator.update((tenant: Tenant) => {
      tenant.incidents.slice(0, 12).forEach(({ properties }, n) => {
        properties.lastModifiedTimeUtc = time(12 * MINUTE + n);
      });
    });
  });
  // The incident is first in its page, and others are behind its group.
  await until('the others', async () => (new Set(started(responder)).size >= 12 ? true : undefined));
  const held = await until('a watermark', async () => (await watermark(responder)).changedAt);
  expect(held).toBe(changedAt);
  const before = started(responder).length;
  const goOn = responder.hold();
  const batch = responder.tenant().incidents.slice(12);
  const answer = await responder.call(
    'POST',
    '/api/incidents',
    [name, ...batch.map((one) => one.name)].map(eventOf),
  );
  expect([answer.status, answer.json.code]).toEqual([503, 'start-failed']);
  expect(started(responder).length - before).toBe(12);
  goOn();
  await until('to go on', async () =>
    String((await watermark(responder)).changedAt) > changedAt ? true : undefined,
  );
  const logs = responder.events.flatMap((one) => (one.kind === 'log' ? [one.message] : [])).join('\n');
  expect(logs).toContain(`The sweep failed to accept ${poison}`);
  expect(logs).toContain(`The sweep leaves out ${poison}`);
  expect(started(responder)).toHaveLength(24);
});

it('looks at no workspace if none is configured, and reports one that it may not read', async () => {
  const none = await start({ settings: {} });
  await none.deliver(readEvent());
  expect(sweeps(none)).toBe(0);
  const other = WORKSPACE.replace('law-soc', 'law-other');
  const responder = await start({
    settings: { SENTINEL_WORKSPACES: JSON.stringify([{ id: other }, { id: WORKSPACE }]) },
    change: incidents(['2026-03-10T08:11:00Z']),
  });
  await until('the one', async () => started(responder)[0]);
  const logs = responder.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
  expect(logs.join('\n')).toContain('Failed to sweep the workspace');
});
