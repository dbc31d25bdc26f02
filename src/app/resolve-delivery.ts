/** What the configuration makes of a delivery: which workspace a row of the log is from, and what is not handled here. */

import type { AlertDelivery, LogIncidentDelivery } from '../intake/index.js';
import { type Delivery, type IncidentDelivery, incidentIn, type RejectedDelivery } from '../intake/index.js';
import { scopeOf } from './alerts/alert-scope.js';
import { alertOfShape, THE_INCIDENT } from './refusals.js';
import { refuse, tenantsFor } from './tenants.js';
import { inScope, rejectedAs } from './workspaces.js';

export type ResolvedDelivery = IncidentDelivery | AlertDelivery | RejectedDelivery;

/** @param submitterTenant as of inScope */
export function resolveDelivery(delivery: Delivery, submitterTenant?: string): ResolvedDelivery {
  switch (delivery.kind) {
    case 'incident':
      return inScope(delivery, submitterTenant);
    case 'log-incident':
      return inLog(delivery, submitterTenant);
    case 'alert': {
      const scope = scopeOf(delivery.alert, submitterTenant);
      if (!('refused' in scope)) return delivery;
      return rejectedAs(refuse(scope.refused, alertOfShape(delivery.shape)), delivery);
    }
    case 'rejected':
      return delivery;
  }
}

/** A row belongs to the configured workspace with its customer id, whatever else it says. */
function inLog(delivery: LogIncidentDelivery, submitterTenant: string | undefined): ResolvedDelivery {
  const { customerId } = delivery;
  const workspaces = tenantsFor(submitterTenant).flatMap(({ config }) => config.workspaces);
  const workspace = workspaces.find((one) => one.customerId === customerId);
  if (workspace === undefined) return rejectedAs(refuse('other-log', THE_INCIDENT), delivery);
  return incidentIn(workspace.id, delivery) ?? rejectedAs(refuse('bad-name', THE_INCIDENT), delivery);
}
