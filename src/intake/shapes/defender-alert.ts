import { defenderOrigin } from '../aliases.js';
import { defenderAlertReading } from '../read/defender.js';
import { alertDelivery, defenderAlertRef } from './alert.js';
import { alertEvent, incidentOf, tenantIn } from './defender-incident.js';
import { has, NEXT_FORWARD, type Shape } from './shape.js';

/** An alert of Defender for Endpoint, or of an incident of the retired Defender XDR API. */
export const defenderAlert: Shape = {
  name: 'defender-alert',
  matches: (value) =>
    !has(value, 'alerts') &&
    (has(value, 'alertCreationTime') ||
      has(value, 'alertId', 'incidentId') ||
      (has(value, 'detectorId', 'evidence') && has(value, 'incidentId'))),
  deliver(value, place) {
    const tenant = tenantIn([value.aadTenantId, value.tenantId], []);
    const origin = defenderOrigin(tenant, value.incidentId);
    if (origin !== undefined)
      return incidentOf(origin, 'defender-alert', { event: alertEvent(value) }, place);
    return alertDelivery(defenderAlertRef(value.id ?? value.alertId, tenant), REFUSAL, place);
  },
  read: ([value]) => defenderAlertReading(value, 'xdr'),
};

const REFUSAL = {
  code: 'defender-alert',
  reason: 'This is an alert of the Defender API that names neither its incident and its tenant nor itself.',
  next: NEXT_FORWARD,
  path: 'incidentId',
} as const;
