import { lowerOf, textOf } from '../text.js';
import { has, property, refusedShape } from './shape.js';

export const alertTrigger = refusedShape(
  'alert-trigger',
  {
    reason: 'This is the body of the "Microsoft Sentinel alert" trigger: an alert names no incident.',
    next: 'Use the "Microsoft Sentinel incident" trigger: an automation rule runs it when an incident is created.',
    path: 'SystemAlertId',
  },
  (body) =>
    // With a tenant, it is a row of the table SecurityAlert.
    (has(body, 'SystemAlertId') && !has(body, 'TenantId')) ||
    lowerOf(property(body, 'objectSchemaType')) === 'alert' ||
    textOf(property(body, 'kind')) === 'SecurityAlert',
);
