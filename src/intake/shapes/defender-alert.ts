import { defenderAlertReading } from '../read/defender.js';
import { textOf } from '../text.js';
import { alertEvent, defenderDelivery } from './defender-incident.js';
import { has, NEXT_FORWARD, rejected, type Shape } from './shape.js';

/** An alert of Defender for Endpoint, or of an incident of the retired Defender XDR API. */
export const defenderAlert: Shape = {
  name: 'defender-alert',
  matches: (value) =>
    !has(value, 'alerts') &&
    (has(value, 'alertCreationTime') ||
      has(value, 'alertId', 'incidentId') ||
      (has(value, 'detectorId', 'evidence') && has(value, 'incidentId'))),
  deliver(value, place) {
    const tenant = textOf(value.aadTenantId) ?? textOf(value.tenantId);
    if (textOf(value.incidentId) === undefined || tenant === undefined) {
      const reason = 'This is an alert of the Defender API that does not name its incident and its tenant.';
      return rejected('defender-alert', { reason, next: NEXT_FORWARD, path: 'incidentId' }, place);
    }
    const alert = {
      id: value.incidentId,
      path: 'incidentId',
      tenants: [tenant],
      links: [],
      event: alertEvent(value),
    };
    return defenderDelivery('defender-alert', alert, place);
  },
  read: ([value]) => defenderAlertReading(value, 'xdr'),
};
