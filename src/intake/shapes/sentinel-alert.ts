import { restAlertReading } from '../read/rest.js';
import { resourceRef, sentinelAlertShape } from './alert.js';
import { named } from './shape.js';

/** https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts */
export const sentinelAlert = sentinelAlertShape(
  {
    code: 'sentinel-alert',
    reason: 'This is an alert of the Sentinel REST API without the id of the alert.',
    next: 'Send its incident, or use the "Microsoft Sentinel incident" trigger.',
    path: 'kind',
  },
  (value) => named(value, 'kind') === 'securityalert',
  { refOf: resourceRef, read: ([value]) => restAlertReading(value) },
);
