import type { ResponseCase } from '../case.js';
import { passwordChangeForced } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: passwordChangeForced(false),
  doneBySomebodyElse: passwordChangeForced(true),
  lose: passwordChangeForced(false),
} satisfies ResponseCase;
