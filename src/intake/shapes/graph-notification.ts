/** https://learn.microsoft.com/graph/change-notifications-overview */
import { type Json, textOf } from '../text.js';
import { defenderDelivery } from './defender-incident.js';
import { has, NEXT_FORWARD, refusedShape, rejected, type Shape } from './shape.js';

const isLifecycle = (value: Json) => has(value, 'subscriptionId', 'lifecycleEvent');

export const graphLifecycle = refusedShape(
  'graph-lifecycle',
  {
    reason: 'This is a lifecycle notification of a Microsoft Graph subscription: it names no incident.',
    next: 'Renew or create the subscription as the notification says; the responder itself has none.',
    path: 'lifecycleEvent',
  },
  isLifecycle,
);

/** `security/incidents/77`, `security/incidents('77')`: the two forms of an id in a path of OData. */
const INCIDENT = /^\/?(?:v1\.0\/|beta\/)?security\/incidents(?:\/|\(')([^/'()]{1,40})(?:'\))?$/i;

export const graphNotification: Shape = {
  name: 'graph-notification',
  matches: (value) =>
    !isLifecycle(value) &&
    has(value, 'subscriptionId') &&
    ['clientState', 'changeType', 'resource', 'subscriptionExpirationDateTime'].some((key) =>
      has(value, key),
    ),
  deliver(value, place) {
    const id = INCIDENT.exec(textOf(value.resource) ?? '')?.[1];
    if (id === undefined) {
      const reason = 'This is a Microsoft Graph change notification: it names no incident.';
      return rejected('graph-notification', { reason, next: NEXT_FORWARD, path: 'resource' }, place);
    }
    const named = {
      what: 'a Microsoft Graph change notification about an incident',
      id,
      path: 'resource',
      tenants: [value.tenantId],
      links: [],
      event: textOf(value.id),
    };
    return defenderDelivery('graph-notification', named, place);
  },
};
