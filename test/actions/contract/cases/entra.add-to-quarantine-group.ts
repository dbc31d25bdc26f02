import type { ResponseCase } from '../case.js';
import { quarantined } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: quarantined(true),
  lose: quarantined(false),
} satisfies ResponseCase;
