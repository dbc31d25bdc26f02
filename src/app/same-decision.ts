/** Whether two decisions of one id say the same: an id that is sent again with something else is no repetition. */
import { contentHash, deciderKey } from '../approvals/index.js';
import type { AnalystDecision } from '../domain/approval.js';

/** Who, about what, and what: all but when, and by which card. */
export function contentOf(decision: Omit<AnalystDecision, 'at' | 'card'>): string {
  const { id, requestId, kind, revision, planHash, steps, reason = '', by } = decision;
  const chosen = [...new Set(steps)].sort();
  return contentHash({ id, requestId, kind, revision, planHash, steps: chosen, reason, by: deciderKey(by) });
}

export function isSameDecision(one: AnalystDecision, other: AnalystDecision): boolean {
  return contentOf(one) === contentOf(other);
}
