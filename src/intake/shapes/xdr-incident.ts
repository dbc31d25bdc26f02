import { defenderIncidentReading } from '../read/defender.js';
import { has, NEXT_FORWARD, refusedShape } from './shape.js';

/** https://learn.microsoft.com/defender-xdr/api-list-incidents. Its alerts have an incident id, too. */
export const xdrIncident = refusedShape(
  'xdr-incident',
  {
    reason: 'This is an incident of the retired Defender XDR API: it names no Sentinel workspace.',
    next: NEXT_FORWARD,
    path: 'incidentId',
  },
  (value) => has(value, 'incidentId', 'alerts') || has(value, 'incidentId', 'incidentName'),
  { read: ([value]) => defenderIncidentReading(value, 'xdr') },
);
