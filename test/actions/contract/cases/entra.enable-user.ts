import type { ResponseCase } from '../case.js';
import { enabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: enabled(false),
  doneBySomebodyElse: enabled(true),
  lose: enabled(false),
} satisfies ResponseCase;
