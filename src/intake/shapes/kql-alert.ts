import { logAlertReading } from '../read/log.js';
import { rowRef, sentinelAlertShape } from './alert.js';
import { isLogRow } from './log-row.js';
import { has, NEXT_FORWARD } from './shape.js';

/** A row of the table SecurityAlert. */
export const kqlAlert = sentinelAlertShape(
  {
    code: 'kql-alert',
    reason: 'This is a row of the table SecurityAlert without the id of its alert.',
    next: NEXT_FORWARD,
    path: 'SystemAlertId',
  },
  (value) => has(value, 'SystemAlertId') && isLogRow(value),
  { refOf: rowRef, read: ([value]) => logAlertReading(value) },
);
