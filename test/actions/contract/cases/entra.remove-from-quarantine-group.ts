import type { ResponseCase } from '../case.js';
import { quarantined } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: quarantined(true),
  doneBySomebodyElse: quarantined(false),
  lose: quarantined(true),
} satisfies ResponseCase;
