import { defenderIncidentReading } from '../read/defender.js';
import { defenderDelivery } from './defender-incident.js';
import { has, isOData, named, type Shape } from './shape.js';
import { orPrinted } from './snake-case.js';

/** https://learn.microsoft.com/graph/api/resources/security-incident. An alert has such a link, too, and is recognised first. */
export const graphIncident: Shape = orPrinted({
  name: 'graph-incident',
  matches: (value) =>
    ['#microsoft.graph.security.incident', '#microsoft.graph.incident'].includes(
      named(value, '@odata.type'),
    ) ||
    isOData(value, '$metadata#security/incidents/$entity') ||
    has(value, 'incidentWebUrl'),
  deliver: (value, place) =>
    defenderDelivery(
      'graph-incident',
      {
        what: 'a security incident of Microsoft Graph',
        id: value.id ?? value.incidentId,
        path: 'id',
        tenants: [value.tenantId],
        links: [value.incidentWebUrl],
        modified: value.lastUpdateDateTime,
        title: value.displayName,
        severity: value.severity,
      },
      place,
    ),
  read: ([value]) => defenderIncidentReading(value, 'graph'),
});
