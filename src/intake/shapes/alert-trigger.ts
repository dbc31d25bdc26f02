import { logAlertReading } from '../read/log.js';
import { isObject, type Json } from '../text.js';
import { isLogRow } from './log-row.js';
import { named, refusedShape } from './shape.js';

/** The body of the Logic Apps "Microsoft Sentinel alert" trigger. */
export const alertTrigger = refusedShape(
  'alert-trigger',
  {
    reason: 'This is the body of the "Microsoft Sentinel alert" trigger: an alert names no incident.',
    next: 'Use the "Microsoft Sentinel incident" trigger: an automation rule runs it when an incident is created.',
    path: 'SystemAlertId',
  },
  (value) =>
    (Object.hasOwn(value, 'SystemAlertId') && !isLogRow(value)) ||
    named(value, 'objectSchemaType') === 'alert',
  { read: ([value]) => logAlertReading(alertIn(value)) },
);

/** Newer bodies wrap the alert like an incident. */
const alertIn = (value: Json): Json => (isObject(value.object) ? value.object : value);
