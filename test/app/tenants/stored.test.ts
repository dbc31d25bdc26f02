/** What is stored of each tenant: rejected bodies, cases of tenants that are no longer configured, and exports. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, readEvent, until } from '../responder.js';
import { inTenant, MARKERS, TENANT_IDS, TwoTenants, type Which } from './two-tenants.js';

const LIMIT = 4;
let folder: string;
let two: TwoTenants;
/** Virtual time stops until then: days would go by between two tests. */
let letTimeRun: () => void;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenants-'));
  two = await TwoTenants.start({
    // Nothing is proposed: the incidents end at once.
    change: ({ incidents }) => {
      for (const { properties } of incidents) properties.severity = 'Low';
    },
    dataDirectory: join(folder, 'data'),
    settings: {
      // A sweep every five minutes of all these days would take its time.
      'AzureWebJobs.sweepWorkspaces.Disabled': 'true',
      REJECTED_PER_HOUR: String(LIMIT),
      EXPORT_DIRECTORY: join(folder, 'exports'),
      RETENTION_DAYS: '15',
    },
  });
  letTimeRun = two.responder.hold();
});
afterAll(async () => {
  await two.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keptIn = ({ json }: Answer) => (json.kept as string[] | undefined)?.[0];
const submit = (by: Which | undefined, body: unknown) =>
  by === undefined
    ? two.responder.fetch('/api/incidents', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    : two.call(by, 'POST', '/api/incidents', body);
/** Who sees a path. */
const seenBy = async (path: string) => {
  const statuses = await Promise.all(
    (['a', 'b'] as const).map(async (which) => [which, (await two.call(which, 'GET', path)).status] as const),
  );
  return statuses.flatMap(([which, status]) => (status === 200 ? [which] : [])).join('');
};
const NEW_WORKSPACE = '/workspaces/law-new/';
const movedEvent = () =>
  JSON.parse(
    JSON.stringify(inTenant('b', readEvent()))
      .replaceAll('/workspaces/law-soc/', NEW_WORKSPACE)
      .replaceAll('"law-soc"', '"law-new"'),
  ) as object;

it('a rejected body is that of its submitter; one without is for the operators', async () => {
  const body = { not: 'an incident' };
  const ids = [
    keptIn(await submit(undefined, body)),
    keptIn(await submit('a', body)),
    keptIn(await submit('b', body)),
  ];
  expect(new Set(ids).size).toBe(3);
  expect(await Promise.all(ids.map((id) => seenBy(`/api/rejected/${id}`)))).toEqual(['a', 'a', 'b']);
  const counts = async (which: Which) => {
    const { rejected } = (await two.call(which, 'GET', '/api/rejected')).json;
    return (rejected as { id: string; count: number }[]).map(({ id, count }) => [id, count]);
  };
  expect(await counts('b')).toEqual([[ids[2], 1]]);
  expect((await counts('a')).map(([id]) => id).sort()).toEqual([ids[0], ids[1]].sort());
});

it('a person who submits an incident of another tenant keeps the rejected body', async () => {
  const answer = await submit('b', inTenant('a', readEvent()));
  expect(answer.json).toMatchObject({ code: 'unknown-workspace' });
  expect(await seenBy(`/api/rejected/${keptIn(answer)}`)).toBe('b');
  expect((await two.call('a', 'GET', '/api/incidents')).json.incidents).toEqual([]);
});

it('a flood of one tenant leaves room for the others', async () => {
  const flood = Array.from({ length: LIMIT }, (_, n) => submit('b', { flood: n }));
  const stored = (await Promise.all(flood)).filter((answer) => keptIn(answer) !== undefined);
  expect(stored.length).toBeLessThan(LIMIT);
  for (const by of ['a', undefined] as const)
    expect(keptIn(await submit(by, { not: 'one either' }))).toBeDefined();
});

it('a body and a case are those of a tenant in the settings, or of the operators, and are exported so', async () => {
  const answer = await submit(undefined, movedEvent());
  expect(answer.json).toMatchObject({ code: 'unknown-workspace' });
  const moved = keptIn(answer) ?? '';
  expect(await seenBy(`/api/rejected/${moved}`)).toBe('a');
  const many = keptIn(await submit(undefined, Array.from({ length: 21 }, movedEvent))) ?? '';
  expect(await seenBy(`/api/rejected/${many}`)).toBe('a');
  const taken = await submit(undefined, inTenant('b', readEvent()));
  const ended = taken.json.instanceId as string;
  const inAnHour = two.responder.at(3_600_000, async () => {
    letTimeRun = two.responder.hold();
  });
  letTimeRun();
  await inAnHour;
  const file = await until('the end', async () => {
    const { json: shown } = await two.call('b', 'GET', `/api/incidents/${ended}`);
    return shown.stage === 'ended' ? shown : undefined;
  });
  expect(JSON.stringify(file)).toContain(MARKERS.b);
  expect(await seenBy(`/api/incidents/${ended}`)).toBe('b');

  const [before, after] = ['/workspaces/law-soc"', NEW_WORKSPACE.replace(/\/$/, '"')];
  await two.restart((tenants) => {
    const at = tenants.lastIndexOf(before);
    return tenants.slice(0, at) + after + tenants.slice(at + before.length);
  });
  expect(await seenBy(`/api/rejected/${moved}`)).toBe('b');
  expect(await seenBy(`/api/incidents/${ended}`)).toBe('a');
  const { json } = await two.call('b', 'POST', `/api/rejected/${moved}/resubmit`);
  expect(json.results).toMatchObject([{ status: 'accepted' }]);
  const [{ instanceId }] = json.results as [{ instanceId: string }];
  await expect.poll(() => seenBy(`/api/incidents/${instanceId}`), { timeout: 20_000 }).toBe('b');

  // It has no submitter, and too many items for a body each: the operators submit it again, whatever tenants it is about.
  const { json: all } = await two.call('a', 'POST', `/api/rejected/${many}/resubmit`);
  expect((all.results as { status: string }[]).map(({ status }) => status)).toEqual(
    Array.from({ length: 21 }, () => 'duplicate'),
  );

  const own = (await submit(undefined, inTenant('a', readEvent()))).json.instanceId as string;
  letTimeRun();
  const exported = (tenant: string) => join(folder, 'exports', tenant);
  await until('the export', async () =>
    existsSync(join(exported(TENANT_IDS.a), `${own}.1.json`)) &&
    existsSync(join(exported('no-tenant'), `${ended}.1.json`))
      ? true
      : undefined,
  );
  const texts = (tenant: string) =>
    readdirSync(exported(tenant)).map((name) => readFileSync(join(exported(tenant), name), 'utf8'));
  await until(
    'the bodies',
    async () => existsSync(join(exported(TENANT_IDS.b), `${moved}.json`)) || undefined,
  );
  expect(texts(TENANT_IDS.a).join()).not.toContain(MARKERS.b);
  expect(texts(TENANT_IDS.b).join()).not.toContain(MARKERS.a);
  expect(readdirSync(join(folder, 'exports')).sort()).toEqual(
    [TENANT_IDS.a, TENANT_IDS.b, 'no-tenant'].sort(),
  );
});
