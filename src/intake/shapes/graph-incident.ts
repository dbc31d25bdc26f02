import { defenderIncidentReading } from '../read/defender.js';
import { isGraphAlert } from './graph-alert.js';
import { has, isOData, NEXT_FORWARD, named, refusedShape } from './shape.js';

/** https://learn.microsoft.com/graph/api/resources/security-incident. An alert has a link to its incident, too. */
export const graphIncident = refusedShape(
  'graph-incident',
  {
    reason: 'This is a Microsoft Graph security incident: it names no Sentinel workspace.',
    next: NEXT_FORWARD,
    path: 'id',
  },
  (value) =>
    !isGraphAlert(value) &&
    (named(value, '@odata.type') === '#microsoft.graph.security.incident' ||
      isOData(value, '$metadata#security/incidents/$entity') ||
      has(value, 'incidentWebUrl')),
  { read: ([value]) => defenderIncidentReading(value, 'graph') },
);
