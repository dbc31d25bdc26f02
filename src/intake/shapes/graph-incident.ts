import { defenderIncidentReading } from '../read/defender.js';
import { has, isOData, NEXT_FORWARD, named, refusedShape } from './shape.js';

/** https://learn.microsoft.com/graph/api/resources/security-incident. An alert has such a link, too, and is recognised first. */
export const graphIncident = refusedShape(
  'graph-incident',
  {
    reason: 'This is a Microsoft Graph security incident: it names no Sentinel workspace.',
    next: NEXT_FORWARD,
    path: 'id',
  },
  (value) =>
    named(value, '@odata.type') === '#microsoft.graph.security.incident' ||
    isOData(value, '$metadata#security/incidents/$entity') ||
    has(value, 'incidentWebUrl'),
  { read: ([value]) => defenderIncidentReading(value, 'graph') },
);
