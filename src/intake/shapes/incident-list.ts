import { isNotification } from './graph-notification.js';
import { property, rejected, type Shape } from './shape.js';

/** A list of incidents, alone or as a response of the REST API. */
export const incidentList: Shape = {
  name: 'incident-list',
  matches: (body) => Array.isArray(body) || (Array.isArray(property(body, 'value')) && !isNotification(body)),
  keyOf: (body) =>
    rejected(
      'incident-list',
      'This is a list; a delivery must contain exactly one incident.',
      'Send each incident separately.',
      Array.isArray(body) ? '' : 'value',
    ),
};
