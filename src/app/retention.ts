/**
 * Exports ended instances and then purges them with their case files, and the stored bodies that were rejected. An entry in
 * the incident's list of runs remains. Instances that published lifecycle events are purged without an export.
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
import { queryInstances } from './instance-pages.js';
import { EVENTS_PREFIX } from './lifecycle-events.js';
import { logFailure } from './log-failure.js';
import { RejectedBodies } from './rejected/rejected-bodies.js';
import { isRunning } from './run-end.js';
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
  const createdTo = clock.now() - retentionDays * DAY_MS;
  const instances = new IncidentInstances(context);
  await purgeAll(context, async (continuation) => {
    const page = await instances.page({ statuses: ENDED, createdTo, continuation });
    const old = page.instances.filter(({ lastUpdatedAt }) => Date.parse(lastUpdatedAt) <= createdTo);
    const purges = old.map((one) => [one.instanceId, () => purge(one, instances, exportDirectory)] as const);
    return { purges, continuation: page.continuation };
  });
  const bodies = new RejectedBodies(context);
  await purgeAll(context, async (continuation) => {
    const page = await bodies.page({ statuses: ENDED, createdTo, continuation });
    const old = page.entries.filter(({ lastAt }) => Date.parse(lastAt) <= createdTo);
    const purges = old.map(({ id }) => [id, () => purgeRejected(id, bodies, exportDirectory)] as const);
    return { purges, continuation: page.continuation };
  });
  const client = df.getClient(context);
  await purgeAll(context, async (continuation) => {
    const query = { prefix: EVENTS_PREFIX, statuses: ENDED, createdTo, continuation };
    const page = await queryInstances(context, query);
    const purge = async (id: string) => void (await client.purgeInstanceHistory(id));
    const purges = page.statuses.map(({ instanceId: id }) => [id, () => purge(id)] as const);
    return { purges, continuation: page.continuation };
  });
}

interface Purges {
  readonly purges: readonly (readonly [id: string, purge: () => Promise<void>])[];
  readonly continuation: string | undefined;
}

/** A failure affects only its own instance: the next pass tries it again. */
async function purgeAll(
  context: InvocationContext,
  read: (continuation: string | undefined) => Promise<Purges>,
): Promise<void> {
  let continuation: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await read(continuation);
    for (const [id, purge] of page.purges) {
      try {
        await purge();
      } catch (error) {
        logFailure(context, `Failed to export and purge ${id}`, error);
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
  // A delivery may have begun the next run meanwhile.
  const now = await instances.find(instanceId);
  if (now === undefined || isRunning(now) || now.lastUpdatedAt !== instance.lastUpdatedAt) return;
  for (const record of records) await instances.endReliance(record);
  await instances.purge(
    instanceId,
    records.map(({ file }) => file.generation),
  );
}

/** Exports a rejected body with its content (compressed with gzip, in base64) and what analysts did with it. */
async function purgeRejected(id: string, bodies: RejectedBodies, directory: string): Promise<void> {
  const body = await bodies.find(id);
  if (body !== undefined) exportFile(directory, `${id}.json`, { format: 1, id, ...body });
  await bodies.purge(id);
}

function exportRecord(directory: string, instance: Instance, record: CaseRecord): void {
  const { instanceId, generation } = record.file;
  const { runtimeStatus, createdAt, lastUpdatedAt } = instance;
  const content = { format: 1, runtimeStatus, createdAt, lastUpdatedAt, ...record };
  exportFile(directory, `${instanceId}.${generation}.json`, content);
}

/**
 * Writes a JSON file, atomically. Replaces the file of an earlier pass, because channels and other incidents may have
 * added to a case file since.
 */
function exportFile(directory: string, name: string, content: object): void {
  const path = join(directory, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, JSON.stringify(content), { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
