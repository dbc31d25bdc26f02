import { defenderAlertReading } from '../read/defender.js';
import { has, NEXT_FORWARD, refusedShape } from './shape.js';

/** An alert of Defender for Endpoint, or of an incident of the retired Defender XDR API. */
export const defenderAlert = refusedShape(
  'defender-alert',
  {
    reason: 'This is an alert of the Defender API, not an incident.',
    next: NEXT_FORWARD,
    path: 'incidentId',
  },
  (value) =>
    !has(value, 'alerts') &&
    (has(value, 'alertCreationTime') ||
      has(value, 'alertId', 'incidentId') ||
      (has(value, 'detectorId', 'evidence') && has(value, 'incidentId'))),
  { read: ([value]) => defenderAlertReading(value, 'xdr') },
);
