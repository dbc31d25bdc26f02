import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: analystsAction('RestrictCodeExecution', { restricted: true }),
  lose: endAs('RestrictCodeExecution', 'Failed'),
} satisfies ResponseCase;
