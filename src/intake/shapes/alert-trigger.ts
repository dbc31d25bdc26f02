import { logAlertReading } from '../read/log.js';
import { fieldOf, isObject, type Json, textOf } from '../text.js';
import { sentinelAlertRef, sentinelAlertShape } from './alert.js';
import { isLogRow } from './log-row.js';
import { named } from './shape.js';

/** The body of the Logic Apps "Microsoft Sentinel alert" trigger. */
export const alertTrigger = sentinelAlertShape(
  {
    code: 'alert-trigger',
    reason: 'This is the body of the "Microsoft Sentinel alert" trigger without the id of its alert.',
    next: 'Use the "Microsoft Sentinel incident" trigger: an automation rule runs it when an incident is created.',
    path: 'SystemAlertId',
  },
  (value) =>
    (Object.hasOwn(value, 'SystemAlertId') && !isLogRow(value)) ||
    named(value, 'objectSchemaType') === 'alert',
  {
    refOf: (value) => {
      const alert = alertIn(value);
      const id = fieldOf(alert, 'SystemAlertId') ?? fieldOf(alert.properties, 'systemAlertId');
      const workspace = textOf(fieldOf(value, 'WorkspaceId')) ?? textOf(fieldOf(alert, 'WorkspaceId'));
      return sentinelAlertRef(id, workspace ?? alert.id);
    },
    read: ([value]) => logAlertReading(alertIn(value)),
  },
);

/** Newer bodies wrap the alert like an incident. */
const alertIn = (value: Json): Json => (isObject(value.object) ? value.object : value);
