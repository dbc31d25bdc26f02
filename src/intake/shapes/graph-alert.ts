import { defenderAlertReading } from '../read/defender.js';
import { type Json, textOf } from '../text.js';
import { alertDelivery, defenderAlertRef } from './alert.js';
import { alertEvent, defenderDelivery } from './defender-incident.js';
import { has, isOData, NEXT_FORWARD, named, type Shape } from './shape.js';

/** https://learn.microsoft.com/graph/api/resources/security-alert, and the alerts of the older API. */
const isGraphAlert = (value: Json): boolean =>
  ['#microsoft.graph.security.alert', '#microsoft.graph.alert'].includes(named(value, '@odata.type')) ||
  isOData(value, '$metadata#security/alerts_v2/$entity') ||
  has(value, 'providerAlertId') ||
  has(value, 'alertWebUrl') ||
  has(value, 'serviceSource', 'evidence') ||
  has(value, 'azureTenantId', 'vendorInformation');

/** An alert is about its incident, if it names one. */
export const graphAlert: Shape = {
  name: 'graph-alert',
  matches: isGraphAlert,
  deliver(value, place) {
    if (textOf(value.incidentId) === undefined) {
      const ref = defenderAlertRef(value.id, textOf(value.tenantId) ?? value.azureTenantId);
      return alertDelivery(ref, REFUSAL, place);
    }
    const alert = {
      id: value.incidentId,
      path: 'incidentId',
      tenants: [value.tenantId],
      links: [value.incidentWebUrl, value.alertWebUrl],
      event: alertEvent(value),
    };
    return defenderDelivery('graph-alert', alert, place);
  },
  read: ([value]) => defenderAlertReading(value, 'graph'),
};

const REFUSAL = {
  code: 'graph-alert',
  reason: 'This is a Microsoft Graph security alert that names neither its incident nor itself.',
  next: NEXT_FORWARD,
  path: 'incidentId',
} as const;
