import { listOf } from '../text.js';
import { has, NEXT_FORWARD, property, refusedShape } from './shape.js';

export const isNotification = (body: unknown): boolean =>
  has(body, 'subscriptionId', 'clientState') ||
  has(body, 'subscriptionId', 'changeType') ||
  listOf(property(body, 'value')).some((item) => has(item, 'subscriptionId'));

export const graphNotification = refusedShape(
  'graph-notification',
  {
    reason: 'This is a Microsoft Graph change notification: it names no Sentinel incident.',
    next: NEXT_FORWARD,
    path: 'value',
  },
  isNotification,
);
