/** Whether two decisions of one id say the same: an id that is sent again with something else is no repetition. */
import type { AnalystDecision, Decider } from './approval.js';
import { canonicalJson } from './canonical.js';

/** Who, about what, and what: all but when, and by which card. */
export function contentOf(decision: Omit<AnalystDecision, 'at' | 'card'>): object {
  const { id, requestId, kind, revision, planHash, steps, reason = '', by } = decision;
  const chosen = [...new Set(steps)].sort();
  return { id, requestId, kind, revision, planHash, steps: chosen, reason, by: deciderKey(by) };
}

export function isSameDecision(one: AnalystDecision, other: AnalystDecision): boolean {
  return canonicalJson(contentOf(one)) === canonicalJson(contentOf(other));
}

/** The same person on every channel; a person is never the same as automation. */
export function deciderKey(by: Decider): string {
  return by.kind === 'person' ? `person:${by.objectId.toLowerCase()}` : `automation:${by.id}`;
}
