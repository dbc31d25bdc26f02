import { restAlertReading } from '../read/rest.js';
import { named, refusedShape } from './shape.js';

/** https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts */
export const sentinelAlert = refusedShape(
  'sentinel-alert',
  {
    reason: 'This is an alert of the Sentinel REST API: an alert names no incident.',
    next: 'Send its incident, or use the "Microsoft Sentinel incident" trigger.',
    path: 'kind',
  },
  (value) => named(value, 'kind') === 'securityalert',
  { read: ([value]) => restAlertReading(value) },
);
