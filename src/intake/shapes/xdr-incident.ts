import { has, NEXT_FORWARD, refusedShape } from './shape.js';

export const xdrIncident = refusedShape(
  'xdr-incident',
  {
    reason: 'This is an incident of the retired Defender XDR API: it names no Sentinel workspace.',
    next: NEXT_FORWARD,
    path: 'incidentId',
  },
  (body) => has(body, 'incidentId', 'alerts') || has(body, 'incidentId', 'incidentName'),
);
