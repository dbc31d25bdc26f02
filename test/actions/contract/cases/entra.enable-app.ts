import type { ResponseCase } from '../case.js';
import { appEnabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: appEnabled(false),
  doneBySomebodyElse: appEnabled(true),
  lose: appEnabled(false),
} satisfies ResponseCase;
