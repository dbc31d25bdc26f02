import { defenderAlertReading } from '../read/defender.js';
import type { Json } from '../text.js';
import { has, isOData, NEXT_FORWARD, named, refusedShape } from './shape.js';

/** https://learn.microsoft.com/graph/api/resources/security-alert, and the alerts of the older API. */
const isGraphAlert = (value: Json): boolean =>
  ['#microsoft.graph.security.alert', '#microsoft.graph.alert'].includes(named(value, '@odata.type')) ||
  isOData(value, '$metadata#security/alerts_v2/$entity') ||
  has(value, 'providerAlertId') ||
  has(value, 'alertWebUrl') ||
  has(value, 'serviceSource', 'evidence') ||
  has(value, 'azureTenantId', 'vendorInformation');

export const graphAlert = refusedShape(
  'graph-alert',
  {
    reason: 'This is a Microsoft Graph security alert, not an incident.',
    next: NEXT_FORWARD,
    path: 'id',
  },
  isGraphAlert,
  { read: ([value]) => defenderAlertReading(value, 'graph') },
);
