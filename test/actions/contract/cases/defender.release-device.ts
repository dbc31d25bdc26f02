import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: analystsAction('Isolate', { isolated: true }),
  doneBySomebodyElse: analystsAction('Unisolate', { isolated: false }),
  lose: endAs('Unisolate', 'Failed'),
} satisfies ResponseCase;
