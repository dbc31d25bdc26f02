/**
 * Exports ended instances and then purges them with their case files, and the stored bodies that were rejected. An entry in
 * the incident's list of runs remains. Instances that published lifecycle events, or found the incident of an alert, are purged
 * without an export.
 * The effects stay in place, but the purged run no longer relies on them. The next pass continues an interrupted one.
 */
import { join } from 'node:path';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { CaseRecord } from '../domain/case-record.js';
import { ALERT_PREFIX } from './alerts/alert-lookups.js';
import { clock } from './clock.js';
import { readExportDirectory } from './config.js';
import { exportAndPurge, exportFile } from './export-and-purge.js';
import { ENDED, IncidentInstances } from './incident-instances.js';
import { type InstanceQuery, queryInstances } from './instance-pages.js';
import { EVENTS_PREFIX } from './lifecycle-events.js';
import { logFailure } from './log-failure.js';
import { owningTenant } from './rejected/owner.js';
import { RejectedBodies } from './rejected/rejected-bodies.js';
import { RUNS_ENTITY, runsEntity } from './runs-entity.js';
import { sealer } from './sealing.js';
import { services } from './services.js';
import { soleTenant, tenantOf } from './tenants.js';
import { EVERY_CASE } from './visible-cases.js';

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
  const folderOf = ({ file }: CaseRecord) => folderIn(exportDirectory, tenantOf(file.origin)?.id);
  const createdTo = clock.now() - retentionDays * DAY_MS;
  const instances = new IncidentInstances(context, EVERY_CASE);
  await purgeAll(context, async (continuation) => {
    const page = await instances.page({ statuses: ENDED, createdTo, continuation });
    const old = page.instances.filter(({ lastUpdatedAt }) => Date.parse(lastUpdatedAt) <= createdTo);
    const purges = old.map(
      (one) => [one.instanceId, () => exportAndPurge(one, instances, folderOf)] as const,
    );
    return { purges, continuation: page.continuation };
  });
  const bodies = new RejectedBodies(context, EVERY_CASE);
  await purgeAll(context, async (continuation) => {
    const page = await bodies.page({ statuses: ENDED, createdTo, continuation });
    const old = page.entries.filter(({ lastAt }) => Date.parse(lastAt) <= createdTo);
    const purges = old.map(({ id }) => [id, () => purgeRejected(id, bodies, exportDirectory)] as const);
    return { purges, continuation: page.continuation };
  });
  await purgeByPrefix(context, { prefix: EVENTS_PREFIX, statuses: ENDED, createdTo });
  // One that failed still has its alert.
  await purgeByPrefix(context, { prefix: ALERT_PREFIX, statuses: ['Completed'], createdTo });
}

/** Purges instances that need no export. */
async function purgeByPrefix(context: InvocationContext, query: InstanceQuery): Promise<void> {
  const client = df.getClient(context);
  await purgeAll(context, async (continuation) => {
    const page = await queryInstances(context, { ...query, continuation });
    const purge = async (id: string) => void (await client.purgeInstanceHistory(id));
    const purges = page.statuses.map(({ instanceId: id }) => [id, () => purge(id)] as const);
    return { purges, continuation: page.continuation };
  });
}

/** With several tenants, each has a folder, named by its id. @param tenantId undefined: of no configured tenant */
function folderIn(directory: string, tenantId: string | undefined): string {
  return soleTenant() === undefined ? join(directory, tenantId ?? 'no-tenant') : directory;
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

/** Exports a rejected body with its content (compressed with gzip, in base64) and what analysts did with it. */
async function purgeRejected(id: string, bodies: RejectedBodies, directory: string): Promise<void> {
  const body = await bodies.find(id);
  if (body !== undefined) {
    const folder = folderIn(directory, owningTenant(body.owner));
    exportFile(folder, `${id}.json`, { format: 1, id, ...body });
  }
  await bodies.purge(id);
}
