/** What the configuration makes of a delivery: which workspace a row of the log is from, and what is not handled here. */

import type { AlertDelivery, LogIncidentDelivery } from '../intake/index.js';
import { type Delivery, type IncidentDelivery, incidentIn, type RejectedDelivery } from '../intake/index.js';
import { scopeOf } from './alerts/alert-scope.js';
import { tenantsFor } from './tenants.js';
import { inScope, type Refusal, rejectedAs } from './workspaces.js';

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
      return 'refused' in scope ? rejectedAs(scope.refused, delivery) : delivery;
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
  if (workspace === undefined) return rejectedAs(UNKNOWN_LOG, delivery);
  return incidentIn(workspace.id, delivery) ?? rejectedAs(BAD_NAME, delivery);
}

const UNKNOWN_LOG: Refusal = {
  code: 'unknown-workspace',
  reason: 'The row is from the log of a workspace whose customer id is not configured.',
  next: 'Add the workspace with its customerId to the settings, then submit the stored body again.',
};
const BAD_NAME: Refusal = {
  code: 'bad-incident-id',
  reason: 'The name in the row is not that of a Sentinel incident.',
  next: 'Send the incident as the REST API returns it.',
};
