/** https://learn.microsoft.com/graph/change-notifications-overview */
import type { Json } from '../text.js';
import { has, NEXT_FORWARD, refusedShape } from './shape.js';

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

export const graphNotification = refusedShape(
  'graph-notification',
  {
    reason: 'This is a Microsoft Graph change notification: it names no Sentinel incident.',
    next: NEXT_FORWARD,
    path: 'resource',
  },
  (value) =>
    !isLifecycle(value) &&
    has(value, 'subscriptionId') &&
    ['clientState', 'changeType', 'resource', 'subscriptionExpirationDateTime'].some((key) =>
      has(value, key),
    ),
);
