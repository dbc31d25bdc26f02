import { defenderOrigin } from '../aliases.js';
import { defenderAlertReading } from '../read/defender.js';
import type { Json } from '../text.js';
import { alertDelivery, defenderAlertRef } from './alert.js';
import { alertEvent, incidentOf, tenantIn } from './defender-incident.js';
import { has, isOData, NEXT_FORWARD, named, type Shape } from './shape.js';
import { orPrinted } from './snake-case.js';

/** https://learn.microsoft.com/graph/api/resources/security-alert, and the alerts of the older API. */
const isGraphAlert = (value: Json): boolean =>
  ['#microsoft.graph.security.alert', '#microsoft.graph.alert'].includes(named(value, '@odata.type')) ||
  isOData(value, '$metadata#security/alerts_v2/$entity') ||
  has(value, 'providerAlertId') ||
  has(value, 'alertWebUrl') ||
  has(value, 'serviceSource', 'evidence') ||
  has(value, 'azureTenantId', 'vendorInformation');

/** An alert is about its incident, if it names one and its tenant: without the tenant, the same number is another incident. */
export const graphAlert: Shape = orPrinted({
  name: 'graph-alert',
  matches: isGraphAlert,
  deliver(value, place) {
    const tenant = tenantIn([value.tenantId, value.azureTenantId], [value.incidentWebUrl, value.alertWebUrl]);
    const origin = defenderOrigin(tenant, value.incidentId);
    if (origin !== undefined) return incidentOf(origin, 'graph-alert', { event: alertEvent(value) }, place);
    return alertDelivery(defenderAlertRef(value.id, tenant), REFUSAL, place);
  },
  read: ([value]) => defenderAlertReading(value, 'graph'),
});

const REFUSAL = {
  code: 'graph-alert',
  reason:
    'This is a Microsoft Graph security alert that names neither its incident and its tenant nor itself.',
  next: NEXT_FORWARD,
  path: 'incidentId',
} as const;
