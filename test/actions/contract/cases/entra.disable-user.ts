import type { ResponseCase } from '../case.js';
import { enabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: enabled(false),
  lose: enabled(true),
} satisfies ResponseCase;
