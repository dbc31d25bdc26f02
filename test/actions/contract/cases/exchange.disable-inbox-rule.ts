import type { ResponseCase } from '../case.js';
import { inboxRuleEnabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: inboxRuleEnabled(false),
  lose: inboxRuleEnabled(true),
} satisfies ResponseCase;
