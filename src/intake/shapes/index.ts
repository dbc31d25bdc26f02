/** All shapes of deliveries. A body that matches several has the first of them. */
import { alertTrigger } from './alert-trigger.js';
import { eventEnvelope } from './event-envelope.js';
import { graphAlert } from './graph-alert.js';
import { graphIncident } from './graph-incident.js';
import { graphNotification } from './graph-notification.js';
import { incidentList } from './incident-list.js';
import { kqlRow } from './kql-row.js';
import { logicAppsTrigger } from './logic-apps-trigger.js';
import { sentinelRest } from './sentinel-rest.js';
import type { Shape } from './shape.js';
import { xdrIncident } from './xdr-incident.js';

export const SHAPES: readonly Shape[] = [
  logicAppsTrigger,
  sentinelRest,
  eventEnvelope,
  graphNotification,
  graphIncident,
  graphAlert,
  xdrIncident,
  kqlRow,
  alertTrigger,
  incidentList,
];
