import { defenderIncidentReading } from '../read/defender.js';
import { defenderDelivery } from './defender-incident.js';
import { has, type Shape } from './shape.js';

/** https://learn.microsoft.com/defender-xdr/api-list-incidents. Its alerts have an incident id, too. */
export const xdrIncident: Shape = {
  name: 'xdr-incident',
  matches: (value) => has(value, 'incidentId', 'alerts') || has(value, 'incidentId', 'incidentName'),
  deliver: (value, place) =>
    defenderDelivery(
      'xdr-incident',
      {
        what: 'an incident of the retired Defender XDR API',
        id: value.incidentId,
        path: 'incidentId',
        tenants: [value.tenantId],
        links: [value.incidentUri, value.incidentWebUrl],
        modified: value.lastUpdateTime,
        title: value.incidentName,
        severity: value.severity,
      },
      place,
    ),
  read: ([value]) => defenderIncidentReading(value, 'xdr'),
};
