import { lowerOf } from '../text.js';
import { has, NEXT_FORWARD, property, refusedShape } from './shape.js';

export const graphAlert = refusedShape(
  'graph-alert',
  {
    reason: 'This is a Microsoft Graph security alert, not an incident.',
    next: NEXT_FORWARD,
    path: 'id',
  },
  (body) =>
    lowerOf(property(body, '@odata.type'))?.includes('microsoft.graph.security.alert') === true ||
    has(body, 'serviceSource', 'providerAlertId'),
);
