import { logAlertReading } from '../read/log.js';
import { isLogRow } from './log-row.js';
import { has, NEXT_FORWARD, refusedShape } from './shape.js';

/** A row of the table SecurityAlert. */
export const kqlAlert = refusedShape(
  'kql-alert',
  {
    reason: 'This is a row of the table SecurityAlert: an alert names no incident.',
    next: NEXT_FORWARD,
    path: 'SystemAlertId',
  },
  (value) => has(value, 'SystemAlertId') && isLogRow(value),
  { read: ([value]) => logAlertReading(value) },
);
