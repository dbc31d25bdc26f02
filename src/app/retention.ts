/**
 * Exports ended instances and then purges them with their case files. An entry in the incident's list of runs remains.
 * The effects stay in place, but the purged run no longer relies on them. The next pass continues an interrupted one.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { CaseRecord } from '../domain/case-record.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import { clock } from './clock.js';
import { readExportDirectory } from './config.js';
import { ENDED, IncidentInstances, type Instance } from './incident-instances.js';
import { logFailure } from './log-failure.js';
import { RUNS_ENTITY, runsEntity } from './runs-entity.js';
import { sealer } from './sealing.js';
import { services } from './services.js';

const DAY_MS = 86_400_000;
/** Limit for one pass. The next pass runs a day later. */
const MOST_PAGES = 30;

/** Registers the purge timer only if an export directory is configured. */
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
  const { exportDirectory, retentionDays } = services().config;
  if (exportDirectory === undefined) return;
  const instances = new IncidentInstances(context);
  const createdTo = clock.now() - retentionDays * DAY_MS;
  let continuation: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await instances.page({ statuses: ENDED, createdTo, continuation });
    for (const instance of page.instances) {
      if (Date.parse(instance.lastUpdatedAt) > createdTo) continue;
      try {
        await purge(instance, instances, exportDirectory);
      } catch (error) {
        logFailure(context, `Failed to export and purge ${instance.instanceId}`, error);
      }
    }
    continuation = page.continuation;
    if (continuation === undefined) return;
  }
}

async function purge(instance: Instance, instances: IncidentInstances, directory: string): Promise<void> {
  const { instanceId } = instance;
  const { kept, records } = await instances.runsOf(instanceId);
  for (const record of records) exportRecord(directory, instance, record);
  const unknown = records.filter(
    ({ file }) => !kept.some(({ generation }) => generation === file.generation),
  );
  for (const { file } of unknown) await instances.keepRun(instanceId, earlierRunOf(file));
  // Signals are asynchronous: the next pass checks that they were processed, and purges then.
  if (unknown.length > 0) return;
  for (const record of records) await instances.endReliance(record);
  await instances.purge(
    instanceId,
    records.map(({ file }) => file.generation),
  );
}

/**
 * Writes the case record of the run to a JSON file, atomically. Replaces the file of an earlier pass, because channels
 * and other incidents may have added to the case file since.
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
