/**
 * The reconciliation sweep: finds incidents that no trigger delivered, or whose change no trigger delivered, and gives them
 * to the same intake. What is known already is a duplicate, at the cost of one status query.
 */
import { createHash } from 'node:crypto';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { lowerCase } from '../../domain/unicode-text.js';
import { type IncidentDelivery, recogniseDeliveries } from '../../intake/index.js';
import { clock } from '../clock.js';
import type { Workspace } from '../config.js';
import { IncidentInstances } from '../incident-instances.js';
import { acceptDelivery } from '../intake.js';
import { logFailure } from '../log-failure.js';
import { sealer } from '../sealing.js';
import { services } from '../services.js';
import { workspaceOf } from '../workspaces.js';
import { changedIncidents } from './changed-incidents.js';
import { ADVANCE, WATERMARK_ENTITY, watermarkEntity, watermarkSchema } from './watermark-entity.js';

const MINUTE_MS = 60_000;
/** How far the first sweep of a workspace looks back. */
const FIRST_MS = 24 * 60 * MINUTE_MS;
/** What changed so recently is read again: lists lag behind changes, and clocks differ. */
const OVERLAP_MS = 15 * MINUTE_MS;
/** After so many incidents a sweep stops at a page; the next one continues there. */
const MOST_INCIDENTS = 2_000;
const AT_ONCE = 8;

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
  for await (const { incidents, isLast } of changedIncidents(workspace, from)) {
    const changes = incidents.flatMap((incident) => changeOf(incident, workspace));
    await acceptAll(changes, context);
    seen += incidents.length;
    reached = changes.at(-1)?.delivery.modifiedAt ?? reached;
    isComplete = isLast;
    // Changes of the same time may be on the next page, so a sweep stops only behind the time where it began.
    if (seen >= MOST_INCIDENTS && reached > from) break;
  }
  // While nothing changes, the watermark stays: a sweep costs one read and one call.
  if (watermark !== undefined && seen === 0) return;
  const recent = new Date(startedAt - OVERLAP_MS).toISOString();
  await advance(workspace, isComplete || reached > recent ? recent : reached, context);
}

interface Change {
  readonly delivery: IncidentDelivery;
  readonly isClosed: boolean;
}

/** What the list says is only a hint, like every delivery. */
function changeOf(incident: unknown, workspace: Workspace): Change[] {
  const [delivery] = recogniseDeliveries(incident);
  if (delivery.kind !== 'incident' || workspaceOf(delivery.key) !== workspace) return [];
  const parsed = statusSchema.safeParse(incident);
  return [{ delivery, isClosed: parsed.success && parsed.data.properties.status === 'Closed' }];
}

const statusSchema = z.object({ properties: z.object({ status: z.string() }) });

async function acceptAll(changes: readonly Change[], context: InvocationContext): Promise<void> {
  const instances = new IncidentInstances(context);
  for (let at = 0; at < changes.length; at += AT_ONCE) {
    await Promise.all(changes.slice(at, at + AT_ONCE).map((change) => accept(change, instances, context)));
  }
}

/** An incident that was closed before anyone delivered it needs no handling. */
async function accept(
  { delivery, isClosed }: Change,
  instances: IncidentInstances,
  context: InvocationContext,
): Promise<void> {
  if (isClosed && (await instances.find(delivery.instanceId)) === undefined) return;
  const { kind, instanceId } = await acceptDelivery(delivery, 'sweep', instances);
  if (kind !== 'duplicate') context.log(`Incident ${instanceId}: ${kind} by the sweep.`);
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
