/** Incidents that are known by their workspace and their name, as the log has them. */
import type { IncidentDelivery, LogIncidentDelivery } from './delivery.js';
import { instanceIdOf, parseIncidentId } from './incident-id.js';
import { kqlIncident } from './shapes/kql-incident.js';
import type { Json } from './text.js';

/** The delivery of the incident in this workspace; undefined if the name is not one that ARM allows. @param workspace ARM id */
export function incidentIn(
  workspace: string,
  { customerId: _customerId, name, ...hints }: LogIncidentDelivery,
): IncidentDelivery | undefined {
  const id = parseIncidentId(`${workspace}/providers/Microsoft.SecurityInsights/Incidents/${name}`);
  if (id === undefined) return undefined;
  const { armId, key } = id;
  return {
    ...hints,
    kind: 'incident',
    origin: { kind: 'sentinel', armId },
    key,
    instanceId: instanceIdOf(key),
  };
}

/** The delivery of a row that a query of this workspace returned; its link is not used. */
export function incidentOfRow(
  row: Json,
  workspace: { readonly id: string; readonly customerId: string },
): IncidentDelivery | undefined {
  const { IncidentUrl: _link, ...rest } = row;
  const delivery = kqlIncident.deliver({ ...rest, TenantId: workspace.customerId }, { path: '' });
  return delivery.kind === 'log-incident' ? incidentIn(workspace.id, delivery) : undefined;
}
