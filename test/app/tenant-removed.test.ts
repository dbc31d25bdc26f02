/** A tenant that is taken out of TENANTS while a case of it waits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from './responder.js';
import { TwoTenants } from './two-tenants.js';

it('gets no more calls, and its incidents are rejected by name', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tenants-'));
  const both = await TwoTenants.start({ dataDirectory });
  onTestFinished(async () => {
    await both.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const { a, b, responder } = both;
  expect(await responder.deliver(b.event)).toBe(b.instanceId);
  await until('the request of B', async () => {
    const file = (await both.entity('case', `${b.instanceId}.1`))?.file as { approvals: { state: string }[] };
    return file?.approvals.some(({ state }) => state === 'waiting') ? true : undefined;
  });
  await both.restart([a.settings()]);
  const before = b.received.length;
  const refused = await responder.fetch('/api/incidents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...b.event, eventUniqueId: 'another' }),
  });
  expect([refused.status, refused.json.code]).toEqual([422, 'unknown-workspace']);
  expect(refused.json.next ?? refused.text).toContain('TENANTS');
  responder.leave();
  // The request expires, and nothing is written to the incident.
  const { approvals } = await both.ended(b.instanceId);
  expect(approvals.map(({ state }) => state)).toContain('expired');
  expect(b.received.slice(before)).toEqual([]);
});
