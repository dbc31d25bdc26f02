import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: analystsAction('Isolate', { isolated: true }),
  lose: endAs('Isolate', 'Failed'),
} satisfies ResponseCase;
