import type { ResponseCase } from '../case.js';
import { appEnabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: appEnabled(false),
  lose: appEnabled(true),
} satisfies ResponseCase;
