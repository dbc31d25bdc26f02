import type { ResponseCase } from '../case.js';
import { inboxRuleEnabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: inboxRuleEnabled(false),
  doneBySomebodyElse: inboxRuleEnabled(true),
  lose: inboxRuleEnabled(false),
} satisfies ResponseCase;
