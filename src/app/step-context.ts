/** What actions are given beside their input. */
import type { IncidentRef } from '../actions/define.js';
import { type CallContext, idempotencyKeyOf } from '../actions/run.js';
import type { StepRef } from '../orchestrator/activities.js';
import { clock } from './clock.js';
import { composition } from './composition.js';

interface Asked {
  readonly askedAt: number;
  readonly mayHaveActed: boolean;
  readonly looked?: boolean;
}

export function contextOf(
  incident: IncidentRef,
  action: string,
  targetKey: string,
  { askedAt, mayHaveActed, looked = false }: Asked = { askedAt: clock.now(), mayHaveActed: false },
): CallContext {
  const { clients, config } = composition();
  return {
    clients,
    clock,
    tenantId: config.tenantId,
    incident: { ...incident, workspaceId: incident.workspaceId ?? config.workspaceId },
    idempotencyKey: idempotencyKeyOf(incident.key, action, targetKey),
    askedAt,
    mayHaveActed,
    looked,
  };
}

/** What is done to one record is one thing, whatever the incident calls it. */
export function recordContext(
  incident: IncidentRef,
  { action, record }: StepRef,
  asked?: Asked,
): CallContext {
  return contextOf(incident, action, `${record.kind}:${record.id}`, asked);
}
