/** All shapes of deliveries, the most specific first. A value that matches several has the first of them. */
import { alertTrigger } from './alert-trigger.js';
import { defenderAlert } from './defender-alert.js';
import { eventGridSystemEvent, eventGridValidation, eventWithoutIncident } from './event.js';
import { graphAlert } from './graph-alert.js';
import { graphIncident } from './graph-incident.js';
import { graphLifecycle, graphNotification } from './graph-notification.js';
import { kqlAlert } from './kql-alert.js';
import { kqlIncident } from './kql-incident.js';
import { logRow } from './log-row.js';
import { logicAppsTrigger } from './logic-apps-trigger.js';
import { OTHER_THINGS } from './other-things.js';
import { sentinelAlert } from './sentinel-alert.js';
import { sentinelRest } from './sentinel-rest.js';
import type { Shape } from './shape.js';
import { streamingRecord } from './streaming-record.js';
import { xdrIncident } from './xdr-incident.js';

export const SHAPES: readonly Shape[] = [
  logicAppsTrigger,
  eventGridValidation,
  eventGridSystemEvent,
  eventWithoutIncident,
  graphLifecycle,
  graphNotification,
  sentinelAlert,
  sentinelRest,
  graphAlert,
  graphIncident,
  xdrIncident,
  defenderAlert,
  kqlIncident,
  kqlAlert,
  alertTrigger,
  streamingRecord,
  ...OTHER_THINGS,
  logRow,
];
