/**
 * The reconciliation sweep: finds incidents that no trigger delivered, or whose change no trigger delivered, and gives them
 * to the same intake. What is known already is a duplicate, at the cost of one status query.
 */
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { clock } from '../clock.js';
import { logFailure } from '../log-failure.js';
import { sealer } from '../sealing.js';
import type { Tenant } from '../tenants.js';
import { acceptAll, type Change } from './accept-changes.js';
import { type SweepSource, sweepSources, type TenantSources } from './sources.js';
import { ADVANCE, WATERMARK_ENTITY, watermarkEntity, watermarkSchema } from './watermark-entity.js';

const MINUTE_MS = 60_000;
/** How far the first sweep of a source looks back. */
const FIRST_MS = 24 * 60 * MINUTE_MS;
/** What changed so recently is read again: lists lag behind changes, and clocks differ. */
const OVERLAP_MS = 15 * MINUTE_MS;
/** After so many incidents a sweep stops at a page; the next one continues there. */
const MOST_INCIDENTS = 2_000;
/** The same for a sweep that could not accept an incident: the next one begins there, not where this one stops. */
const MOST_IF_HELD = 10_000;

/** A sweep begins no further source or page after this time: the host ends a function after five minutes (host.json). */
const MOST_MS = 3 * MINUTE_MS;

/** The source with which the next sweep of a tenant begins, if the last one did not reach it in time. */
const unreached = new WeakMap<Tenant, number>();

/** Registers the timer if there is something to sweep. */
export function registerSweep(): void {
  df.app.entity(WATERMARK_ENTITY, watermarkEntity(sealer.open));
  if (sweepSources().length === 0) return;
  app.timer('sweepWorkspaces', {
    schedule: '0 */5 * * * *',
    extraInputs: [df.input.durableClient()],
    handler: (_timer, context) => sweepWorkspaces(context),
  });
}

/** Tenants are swept side by side: one that is slow or throttled holds up no other. */
async function sweepWorkspaces(context: InvocationContext): Promise<void> {
  await Promise.all(sweepSources().map((one) => sweepTenant(one, context)));
}

/** A failure affects only its own source. Its watermark stays, so the next sweep starts at the same place. */
async function sweepTenant({ tenant, sources }: TenantSources, context: InvocationContext): Promise<void> {
  const until = clock.now() + MOST_MS;
  const first = unreached.get(tenant) ?? 0;
  unreached.delete(tenant);
  for (const [n, source] of [...sources.slice(first), ...sources.slice(0, first)].entries()) {
    if (clock.now() >= until) {
      unreached.set(tenant, (first + n) % sources.length);
      context.warn(`The next sweep begins with ${source.name}: this one has taken too long.`);
      return;
    }
    try {
      await sweep(source, until, context);
    } catch (error) {
      logFailure(context, `Failed to sweep ${source.name}`, error);
    }
  }
}

async function sweep(source: SweepSource, until: number, context: InvocationContext): Promise<void> {
  const startedAt = clock.now();
  const watermark = await readWatermark(source, context);
  const from = watermark ?? new Date(startedAt - FIRST_MS).toISOString();
  let reached = from;
  let seen = 0;
  let isComplete = true;
  const failed: Change[] = [];
  for await (const { changes, size, isLast, reached: at } of source.changesSince(from)) {
    failed.push(...(await acceptAll(changes, context, failed.length > 0)));
    seen += size;
    reached = at ?? reached;
    isComplete = isLast;
    // Changes of the same time may be on the next page, so a sweep stops only behind the time where it began.
    const isMuch = seen >= (failed.length > 0 ? MOST_IF_HELD : MOST_INCIDENTS) || clock.now() >= until;
    if (isMuch && reached > from) break;
  }
  // While nothing changes, the watermark stays: a sweep costs one read and one call.
  if (watermark !== undefined && seen === 0) return;
  const recent = new Date(startedAt - OVERLAP_MS).toISOString();
  const next = isComplete || reached > recent ? recent : reached;
  const held = await heldAt(failed, { startedAt, source, context });
  const place = held === undefined ? next : (held.delivery.modifiedAt ?? from);
  const [earlier = from] = [place, next].sort();
  await advance(source, earlier, context);
}

/**
 * The change at which the watermark stays, because it could not be accepted. One that fails for a day is left out: otherwise
 * every sweep would read more.
 */
async function heldAt(
  failed: readonly Change[],
  { startedAt, source, context }: { startedAt: number; source: SweepSource; context: InvocationContext },
): Promise<Change | undefined> {
  const isOld = ({ delivery: { modifiedAt } }: Change) =>
    modifiedAt !== undefined && Date.parse(modifiedAt) < startedAt - FIRST_MS;
  const leftOut = await acceptAll(failed.filter(isOld), context);
  // Throws if the task hub does not answer: then the failures say nothing about the incidents.
  if (leftOut.length > 0) await readWatermark(source, context);
  for (const { delivery } of leftOut) {
    context.error(`The sweep leaves out ${delivery.instanceId}: it failed for a day.`);
  }
  const timeOf = ({ delivery: { modifiedAt = '' } }: Change) => modifiedAt;
  const held = failed.filter((change) => !isOld(change));
  return held.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))[0];
}

async function readWatermark(source: SweepSource, context: InvocationContext): Promise<string | undefined> {
  const found = await df.getClient(context).readEntityState<unknown>(entityOf(source));
  return found.entityExists ? watermarkSchema.parse(found.entityState).changedAt : undefined;
}

async function advance(source: SweepSource, changedAt: string, context: InvocationContext): Promise<void> {
  const entity = entityOf(source);
  const about = { purpose: 'watermark', instanceId: entity.key, generation: 1, sequence: 0 } as const;
  await df.getClient(context).signalEntity(entity, ADVANCE, sealer.seal({ changedAt }, about));
}

function entityOf({ key }: SweepSource): df.EntityId {
  return new df.EntityId(WATERMARK_ENTITY, key);
}
