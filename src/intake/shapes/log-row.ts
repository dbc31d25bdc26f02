/** A row of a table of the workspace: it has the workspace's id, or the name of its table. */
import type { Json } from '../text.js';
import { has, named, refusedShape } from './shape.js';

export const isLogRow = (value: Json): boolean =>
  has(value, 'TenantId') || has(value, 'SourceSystem') || named(value, 'Type') === 'securityalert';

/** A row of any other table. */
export const logRow = refusedShape(
  'log-row',
  { reason: 'This is a row of a log, but of neither SecurityIncident nor SecurityAlert.' },
  (value) => has(value, 'TimeGenerated', 'Type') || has(value, 'TenantId', 'TimeGenerated'),
);
