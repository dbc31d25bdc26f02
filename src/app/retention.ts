/**
 * Ended instances are exported and then purged, with their case files. What stays is a line in the incident's runs, and
 * the effects: but nobody relies on them any more. A pass that stops half-way is gone on with by the next one.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { CaseRecord } from '../domain/case-record.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import { clock } from './clock.js';
import { composition } from './composition.js';
import { readExportDirectory } from './config.js';
import { ENDED, type Instance, Instances } from './durable-client.js';
import { logFailure } from './log-failure.js';
import { RUNS_ENTITY, runsEntity } from './runs-entity.js';
import { sealer } from './sealing.js';

const DAY_MS = 86_400_000;
/** In one pass; the next is a day later. */
const MOST_PAGES = 30;

/** Without a place to export to, nothing is ever purged. */
export function registerRetention(): void {
  df.app.entity(RUNS_ENTITY, runsEntity(sealer.open));
  if (readExportDirectory() === undefined) return;
  app.timer('purgeEnded', {
    schedule: '0 20 3 * * *',
    extraInputs: [df.input.durableClient()],
    handler: (_timer, context) => purgeEnded(context),
  });
}

async function purgeEnded(context: InvocationContext): Promise<void> {
  const { exportDirectory, retentionDays } = composition().config;
  if (exportDirectory === undefined) return;
  const instances = new Instances(context);
  const createdTo = clock.now() - retentionDays * DAY_MS;
  let continuation: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await instances.page({ statuses: ENDED, createdTo, continuation });
    for (const instance of page.instances) {
      if (Date.parse(instance.lastUpdatedAt) > createdTo) continue;
      try {
        await purge(instance, instances, exportDirectory);
      } catch (error) {
        logFailure(context, `${instance.instanceId} could not be exported and purged`, error);
      }
    }
    continuation = page.continuation;
    if (continuation === undefined) return;
  }
}

async function purge(instance: Instance, instances: Instances, directory: string): Promise<void> {
  const { instanceId } = instance;
  const { kept, records } = await instances.runsOf(instanceId);
  for (const record of records) exportRecord(directory, instance, record);
  const unknown = records.filter(
    ({ file }) => !kept.some(({ generation }) => generation === file.generation),
  );
  for (const { file } of unknown) await instances.keepRun(instanceId, earlierRunOf(file));
  // Signals take their time: whether they arrived, the next pass finds out.
  if (unknown.length > 0) return;
  for (const record of records) await instances.endReliance(record);
  await instances.purge(
    instanceId,
    records.map(({ file }) => file.generation),
  );
}

/**
 * All that is known of the run, as one JSON file that is there as a whole or not at all. What an earlier pass wrote is
 * replaced: doors and other incidents may have added to the case file since.
 */
function exportRecord(directory: string, instance: Instance, record: CaseRecord): void {
  const { instanceId, generation } = record.file;
  const path = join(directory, `${instanceId}.${generation}.json`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { runtimeStatus, createdAt, lastUpdatedAt } = instance;
  const text = JSON.stringify({ format: 1, runtimeStatus, createdAt, lastUpdatedAt, ...record });
  writeFileSync(`${path}.part`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
