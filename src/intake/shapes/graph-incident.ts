import { lowerOf } from '../text.js';
import { has, NEXT_FORWARD, property, refusedShape } from './shape.js';

export const graphIncident = refusedShape(
  'graph-incident',
  {
    reason: 'This is a Microsoft Graph security incident: it names no Sentinel workspace.',
    next: NEXT_FORWARD,
    path: 'id',
  },
  (body) =>
    lowerOf(property(body, '@odata.type'))?.includes('microsoft.graph.security.incident') === true ||
    has(body, 'incidentWebUrl'),
);
