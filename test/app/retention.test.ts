/** Ended incidents are exported and then purged, all of them and nothing else. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.js';
import { caseRecordSchema } from '../../src/domain/case-record.js';
import { DEVICE_ISOLATION } from './entity-keys.js';
import { DEVICE, Responder, START, until } from './responder.js';

const DAY_MS = 86_400_000;
let responder: Responder;
let parent: string;
let exports: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'retention-'));
  exports = join(parent, 'exports');
});
afterEach(async () => {
  await responder.stop();
  rmSync(parent, { recursive: true, force: true });
});

const manage = (method: string, path: string) => {
  const { keys } = responder.host;
  return responder.fetch(`/runtime/webhooks/durabletask/${path}?code=${keys.system}`, { method });
};
const start = (settings: Record<string, string>) => Responder.start({ settings });

/** An incident with an approved isolation, whose instance has ended. */
async function handled(meanwhile?: (instanceId: string) => void): Promise<string> {
  const request = await responder.asked(await responder.deliver());
  meanwhile?.(request.instanceId);
  const isolation = request.approval.stepIds.filter((id) => id.includes('isolate'));
  expect((await responder.decide(request, { steps: isolation })).json.code).toBe('approved');
  return request.instanceId;
}
/** Advances virtual time day by day; each day has a retention pass. */
async function gone(path: string): Promise<void> {
  await expect.poll(async () => (await manage('GET', path)).status, { timeout: 40_000 }).toBe(404);
}

it('keeps an ended incident for its time, exports it whole, and takes instance and case file', async () => {
  responder = await start({ EXPORT_DIRECTORY: exports, RETENTION_DAYS: '20' });
  let early: Promise<unknown> | undefined;
  // An earlier pass wrote the file, and the case file has grown since.
  const instanceId = await handled((id) => {
    const path = join(exports, `${id}.1.json`);
    mkdirSync(exports, { mode: 0o700 });
    writeFileSync(path, '{}', { mode: 0o600 });
    early = responder.at(19 * DAY_MS, async () => [
      readFileSync(path, 'utf8'),
      (await manage('GET', `instances/${id}`)).status,
    ]);
  });
  const unusable = await responder.call('POST', '/api/incidents', { un: 'usable' });
  const [rejected = ''] = unusable.json.kept as string[];
  const file = await responder.ended(instanceId);
  const before = (await manage('GET', `entities/reliance/${DEVICE_ISOLATION}`)).json;
  expect(before.relies).toMatchObject([{ instanceId, generation: 1, proved: true }]);
  expect(await early).toEqual(['{}', 200]);
  await gone(`instances/${instanceId}`);
  await gone(`entities/case/${instanceId}.1`);
  await gone(`instances/${rejected}`);
  expect(readdirSync(exports)).toEqual([`${instanceId}.1.json`, `${rejected}.json`]);
  const { code, content } = JSON.parse(readFileSync(join(exports, `${rejected}.json`), 'utf8'));
  expect(code).toBe('unknown-shape');
  expect(gunzipSync(Buffer.from(content.data, 'base64')).toString()).toBe('{"un":"usable"}');
  const exported = JSON.parse(readFileSync(join(exports, `${instanceId}.1.json`), 'utf8'));
  const record = caseRecordSchema.parse(exported);
  expect(record.alarms).toEqual([]);
  expect(record.file).toMatchObject({ incidentKey: file.incidentKey, effects: [{ state: 'confirmed' }] });
  expect(record.file.decisions).toHaveLength(1);
  if (process.platform !== 'win32') {
    expect(statSync(exports).mode & 0o077).toBe(0);
    expect(statSync(join(exports, `${instanceId}.1.json`)).mode & 0o077).toBe(0);
  }
  // The device stays isolated, but the purged incident no longer relies on that.
  const reliance = `entities/reliance/${DEVICE_ISOLATION}`;
  await until('no run relies on it', async () =>
    JSON.stringify((await manage('GET', reliance)).json.relies) === '[]' ? true : undefined,
  );
  expect(responder.tenant().machines.find(({ id }) => id === DEVICE)?.isolated).toBe(true);
  const purged = responder.events.find((e) => e.kind === 'invocation-ended' && e.name === 'purgeEnded');
  expect(purged).toBeDefined();
  expect(Date.parse(exported.lastUpdatedAt)).toBeGreaterThanOrEqual(START);

  // The incident fires again: the new run lists the earlier effects from the stored summary.
  responder.comeBack();
  expect(await responder.deliver()).toBe(instanceId);
  const again = await responder.asked(instanceId);
  expect(again.approval.id).toBe(`${instanceId}.2.analysts`);
  expect(await responder.caseFile(instanceId)).toMatchObject({
    generation: 2,
    earlier: [{ generation: 1, effects: [expect.stringContaining('Isolate the device')] }],
  });
}, 120_000);

it('purges nothing before its time, and nothing without a place to export to', async () => {
  responder = await start({ RETENTION_DAYS: '15' });
  const instanceId = await handled();
  await responder.ended(instanceId);
  expect(existsSync(exports)).toBe(false);
  const names = (await (
    await fetch(`${responder.host.url}/admin/functions`, {
      headers: { 'x-functions-key': responder.host.keys.master },
    })
  ).json()) as { name: string }[];
  expect(names.map(({ name }) => name)).not.toContain('purgeEnded');
  expect((await manage('GET', `instances/${instanceId}`)).status).not.toBe(404);
});

it('keeps what it cannot export', async () => {
  // A file at the path of the folder.
  responder = await start({ EXPORT_DIRECTORY: '/dev/null/exports', RETENTION_DAYS: '15' });
  const instanceId = await handled();
  await responder.ended(instanceId);
  await until('tries to purge', async () => {
    const tries = responder.events.filter(
      (e) => e.kind === 'log' && /Failed to export and purge/.test(e.message),
    );
    return tries.length > 1 || undefined;
  });
  expect((await manage('GET', `instances/${instanceId}`)).status).toBe(200);
  expect((await responder.caseFile(instanceId))?.generation).toBe(1);
});

it('takes no time in which a queue may still hold a duplicate', () => {
  const days = (RETENTION_DAYS?: string) => readConfig({ RETENTION_DAYS }).retentionDays;
  expect([days(), days('15'), days('3650')]).toEqual([90, 15, 3650]);
  for (const wrong of ['14', '0', '-1', '15.5', '3651', 'long']) {
    expect(() => days(wrong)).toThrow(/RETENTION_DAYS is/);
  }
});
