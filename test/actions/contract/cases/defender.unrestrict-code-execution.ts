import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: analystsAction('RestrictCodeExecution', { restricted: true }),
  doneBySomebodyElse: analystsAction('UnrestrictCodeExecution', { restricted: false }),
  lose: endAs('UnrestrictCodeExecution', 'Failed'),
} satisfies ResponseCase;
