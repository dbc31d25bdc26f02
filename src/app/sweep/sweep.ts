/**
 * The reconciliation sweep: finds incidents that no trigger delivered, or whose change no trigger delivered, and gives them
 * to the same intake. What is known already is a duplicate, at the cost of one status query.
 */
import { createHash } from 'node:crypto';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { lowerCase } from '../../domain/unicode-text.js';
import { clock } from '../clock.js';
import type { Workspace } from '../config.js';
import { logFailure } from '../log-failure.js';
import { sealer } from '../sealing.js';
import { services } from '../services.js';
import { acceptAll, type Change, changeOf } from './accept-changes.js';
import { changedIncidents } from './changed-incidents.js';
import { ADVANCE, WATERMARK_ENTITY, watermarkEntity, watermarkSchema } from './watermark-entity.js';

const MINUTE_MS = 60_000;
/** How far the first sweep of a workspace looks back. */
const FIRST_MS = 24 * 60 * MINUTE_MS;
/** What changed so recently is read again: lists lag behind changes, and clocks differ. */
const OVERLAP_MS = 15 * MINUTE_MS;
/** After so many incidents a sweep stops at a page; the next one continues there. */
const MOST_INCIDENTS = 2_000;
/** The same for a sweep that could not accept an incident: the next one begins there, not where this one stops. */
const MOST_IF_HELD = 10_000;

/** Registers the timer if workspaces are configured. */
export function registerSweep(): void {
  df.app.entity(WATERMARK_ENTITY, watermarkEntity(sealer.open));
  if (services().config.workspaces.length === 0) return;
  app.timer('sweepWorkspaces', {
    schedule: '0 */5 * * * *',
    extraInputs: [df.input.durableClient()],
    handler: (_timer, context) => sweepWorkspaces(context),
  });
}

/** A failure affects only its own workspace. Its watermark stays, so the next sweep starts at the same place. */
async function sweepWorkspaces(context: InvocationContext): Promise<void> {
  for (const workspace of services().config.workspaces) {
    try {
      await sweep(workspace, context);
    } catch (error) {
      logFailure(context, `Failed to sweep the workspace ${workspace.id}`, error);
    }
  }
}

async function sweep(workspace: Workspace, context: InvocationContext): Promise<void> {
  const startedAt = clock.now();
  const watermark = await readWatermark(workspace, context);
  const from = watermark ?? new Date(startedAt - FIRST_MS).toISOString();
  let reached = from;
  let seen = 0;
  let isComplete = true;
  const failed: Change[] = [];
  for await (const { incidents, isLast } of changedIncidents(workspace, from)) {
    const changes = incidents.flatMap((incident) => changeOf(incident, workspace));
    failed.push(...(await acceptAll(changes, context, failed.length > 0)));
    seen += incidents.length;
    reached = changes.at(-1)?.delivery.modifiedAt ?? reached;
    isComplete = isLast;
    // Changes of the same time may be on the next page, so a sweep stops only behind the time where it began.
    if (seen >= (failed.length > 0 ? MOST_IF_HELD : MOST_INCIDENTS) && reached > from) break;
  }
  // While nothing changes, the watermark stays: a sweep costs one read and one call.
  if (watermark !== undefined && seen === 0) return;
  const recent = new Date(startedAt - OVERLAP_MS).toISOString();
  const next = isComplete || reached > recent ? recent : reached;
  const held = await heldAt(failed, { startedAt, workspace, context });
  const place = held === undefined ? next : (held.delivery.modifiedAt ?? from);
  const [earlier = from] = [place, next].sort();
  await advance(workspace, earlier, context);
}

/**
 * The change at which the watermark stays, because it could not be accepted. One that fails for a day is left out: otherwise
 * every sweep would read more.
 */
async function heldAt(
  failed: readonly Change[],
  { startedAt, workspace, context }: { startedAt: number; workspace: Workspace; context: InvocationContext },
): Promise<Change | undefined> {
  const isOld = ({ delivery: { modifiedAt } }: Change) =>
    modifiedAt !== undefined && Date.parse(modifiedAt) < startedAt - FIRST_MS;
  const leftOut = await acceptAll(failed.filter(isOld), context);
  // Throws if the task hub does not answer: then the failures say nothing about the incidents.
  if (leftOut.length > 0) await readWatermark(workspace, context);
  for (const { delivery } of leftOut) {
    context.error(`The sweep leaves out ${delivery.instanceId}: it failed for a day.`);
  }
  return failed.find((change) => !isOld(change));
}

async function readWatermark(workspace: Workspace, context: InvocationContext): Promise<string | undefined> {
  const found = await df.getClient(context).readEntityState<unknown>(entityOf(workspace));
  return found.entityExists ? watermarkSchema.parse(found.entityState).changedAt : undefined;
}

async function advance(workspace: Workspace, changedAt: string, context: InvocationContext): Promise<void> {
  const entity = entityOf(workspace);
  const about = { purpose: 'watermark', instanceId: entity.key, generation: 1, sequence: 0 } as const;
  await df.getClient(context).signalEntity(entity, ADVANCE, sealer.seal({ changedAt }, about));
}

function entityOf({ id }: Workspace): df.EntityId {
  return new df.EntityId(
    WATERMARK_ENTITY,
    createHash('sha256').update(lowerCase(id)).digest('hex').slice(0, 40),
  );
}
