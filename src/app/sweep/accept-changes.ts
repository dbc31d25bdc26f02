/** Gives changed incidents to the intake. One that fails does not keep back the others. */
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { type IncidentDelivery, recogniseDeliveries } from '../../intake/index.js';
import { addressed } from '../aliases.js';
import { IncidentInstances } from '../incident-instances.js';
import { acceptDelivery, type IntakeOptions } from '../intake.js';
import { logFailure } from '../log-failure.js';
import type { Workspace } from '../tenant-config.js';
import { type Tenant, tenantOf, workspaceOf } from '../tenants.js';
import { EVERY_CASE } from '../visible-cases.js';

const AT_ONCE = 8;

export interface Change {
  readonly delivery: IncidentDelivery;
  readonly isClosed: boolean;
}

/** What the list says is only a hint, like every delivery. */
export function sentinelChangeOf(incident: unknown, tenant: Tenant, workspace: Workspace): Change[] {
  const [delivery] = recogniseDeliveries(incident);
  if (delivery.kind !== 'incident' || workspaceOf(tenant, delivery.key) !== workspace) return [];
  const parsed = statusSchema.safeParse(incident);
  return [{ delivery, isClosed: parsed.success && parsed.data.properties.status === 'Closed' }];
}

export function defenderChangeOf(incident: unknown, tenant: Tenant): Change[] {
  const [delivery] = recogniseDeliveries(incident);
  if (delivery.kind !== 'incident' || delivery.origin.kind !== 'defender') return [];
  if (tenantOf(delivery.origin) !== tenant) return [];
  const parsed = defenderStatusSchema.safeParse(incident);
  return [{ delivery, isClosed: parsed.success }];
}

const defenderStatusSchema = z.object({ status: z.enum(['resolved', 'redirected']) });
const statusSchema = z.object({ properties: z.object({ status: z.string() }) });

/**
 * Accepts the changes. Returns those that failed, in order.
 * @param hasFailed others failed before: the next sweep begins there, so one attempt is enough
 */
export async function acceptAll(
  changes: readonly Change[],
  context: InvocationContext,
  hasFailed = false,
): Promise<Change[]> {
  const instances = new IncidentInstances(context, EVERY_CASE);
  const failed: Change[] = [];
  for (let at = 0; at < changes.length; at += AT_ONCE) {
    const options = hasFailed || failed.length > 0 ? { pauses: [] } : {};
    const accepting = changes.slice(at, at + AT_ONCE).map(async (change) => {
      try {
        await accept(change, instances, context, options);
        return [];
      } catch (error) {
        logFailure(context, `The sweep failed to accept ${change.delivery.instanceId}`, error);
        return [change];
      }
    });
    failed.push(...(await Promise.all(accepting)).flat());
  }
  return failed;
}

/** An incident that was closed before anyone delivered it needs no handling. */
async function accept(
  { delivery, isClosed }: Change,
  instances: IncidentInstances,
  context: InvocationContext,
  options: IntakeOptions,
): Promise<void> {
  if (isClosed && (await addressed(delivery, instances)).known === undefined) return;
  const { kind, instanceId } = await acceptDelivery(delivery, 'sweep', instances, options);
  if (kind !== 'duplicate') context.log(`Incident ${instanceId}: ${kind} by the sweep.`);
}
