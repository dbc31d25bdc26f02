/** Incidents that are delivered again while ended ones are purged: no run is lost, and no generation is used twice. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { caseRecordSchema } from '../../src/domain/case-record.js';
import { again, change, type Event, start, submit } from './later-events.js';
import { START, type Tenant, until } from './responder.js';

const PASSES = ['2026-03-26T03:20:00Z', '2026-03-27T03:20:00Z', '2026-03-28T03:20:00Z'].map(Date.parse);
/** Delivered at each pass: a run is first summarised, and its case file purged by the next pass. */
const AT_ONCE = 4;

it('loses no run of an incident, whenever the next one begins', async () => {
  const exports = mkdtempSync(join(tmpdir(), 'retention-race-'));
  onTestFinished(() => rmSync(exports, { recursive: true, force: true }));
  // No playbook handles them, so that a run is short.
  const low = (tenant: Tenant) => {
    for (const { properties } of tenant.incidents) properties.severity = 'Low';
  };
  const { responder, all } = await start(PASSES.length * AT_ONCE, low, {
    nobodyIsThere: true,
    settings: { EXPORT_DIRECTORY: exports, RETENTION_DAYS: '15' },
  });
  const passes = () =>
    responder.events.filter((one) => one.kind === 'invocation-started' && one.name === 'purgeEnded').length;
  const goOn = responder.hold();
  const deliveries = PASSES.map((at, n) =>
    responder.at(at - START, async () => {
      const before = passes();
      const some = all.slice(n * AT_ONCE, (n + 1) * AT_ONCE) as Event[];
      await until('the pass', async () => (passes() > before ? true : undefined));
      const submitted = some.map(async (event, i) => {
        // Somewhere in the pass, or just after it.
        await new Promise((resolve) => setTimeout(resolve, i * 25));
        change(responder, event, ({ properties }) => {
          properties.severity = 'Medium';
        });
        return submit(responder, again(event));
      });
      return Promise.all(submitted);
    }),
  );
  const ids = await Promise.all(all.map((event) => responder.deliver(event)));
  goOn();
  for (const statuses of await Promise.all(deliveries)) {
    for (const status of statuses) expect(['restarted', 'accepted']).toContain(status);
  }
  for (const [n, id] of ids.entries()) {
    const file = await until(`the second run of incident ${n}`, async () => {
      const found = await responder.caseFile(id);
      return found?.stage === 'ended' && found.severity === 'medium' ? found : undefined;
    });
    expect(file, `incident ${n}`).toMatchObject({
      generation: 2,
      outcome: 'no-playbook',
      earlier: [{ generation: 1, outcome: 'no-playbook' }],
    });
  }
  // Each first run is exported, or is still there, and no second run is purged in the pass that overtook it.
  const { system } = responder.host.keys;
  for (const id of ids) {
    const instance = await responder.fetch(
      `/runtime/webhooks/durabletask/instances/${id}?code=${system}`,
      {},
    );
    expect(instance.status).toBeLessThan(300);
    const path = join(exports, `${id}.1.json`);
    const entity = await responder.fetch(
      `/runtime/webhooks/durabletask/entities/case/${id}.1?code=${system}`,
      {},
    );
    const record = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : entity.json;
    expect(caseRecordSchema.parse(record).file).toMatchObject({ generation: 1, severity: 'low' });
  }
});
