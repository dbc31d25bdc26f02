import type { ResponseCase } from '../case.js';
import { analystMoved } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: analystMoved('Soft delete', -5),
  lose: analystMoved('Moved to inbox', 60),
} satisfies ResponseCase;
