/** Builds the context that actions receive in addition to their input. */

import type { CallContext } from '../actions/call.js';
import type { IncidentRef } from '../actions/define.js';
import { idempotencyKeyOf } from '../actions/run.js';
import type { StepRef } from '../orchestrator/activities.js';
import { clock } from './clock.js';
import { requireTenant } from './tenants.js';

interface Asked {
  readonly decidedAt: number;
  readonly outcomeUnknown: boolean;
  readonly prechecked?: boolean;
}

export function contextOf(
  incident: IncidentRef,
  action: string,
  targetKey: string,
  { decidedAt, outcomeUnknown, prechecked = false }: Asked = {
    decidedAt: clock.now(),
    outcomeUnknown: false,
  },
): CallContext {
  const { clients, id: tenantId, config } = requireTenant(incident.origin);
  return {
    clients,
    clock,
    tenantId,
    containment: config.containment,
    incident,
    idempotencyKey: idempotencyKeyOf(incident.key, action, targetKey),
    decidedAt,
    outcomeUnknown,
    prechecked,
  };
}

/** The context of an action on a record. The idempotency key depends on the record, not on the incident's name for it. */
export function recordContext(
  incident: IncidentRef,
  { action, record }: StepRef,
  asked?: Asked,
): CallContext {
  return contextOf(incident, action, `${record.kind}:${record.id}`, asked);
}
