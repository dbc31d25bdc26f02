import { has, NEXT_FORWARD, property, refusedShape } from './shape.js';

export const kqlRow = refusedShape(
  'kql-row',
  {
    reason: 'This is a row of a log query (SecurityIncident or SecurityAlert): it has no ARM id.',
    next: NEXT_FORWARD,
    path: '',
  },
  (body) =>
    has(body, 'IncidentName') ||
    has(body, 'SystemAlertId', 'TenantId') ||
    has(body, 'SecurityIncident') ||
    has(body, 'records') ||
    Array.isArray(property(body, 'tables')),
);
