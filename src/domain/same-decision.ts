/** Compares two decisions with the same id: a reused id with other content is not a repetition. */
import type { AnalystDecision, Decider } from './approval.js';
import { canonicalJson } from './canonical.js';

/** The content of a decision: everything except its time and card. */
export function contentOf(decision: Omit<AnalystDecision, 'at' | 'card'>): object {
  const { id, requestId, kind, revision, planHash, steps, reason = '', by } = decision;
  const chosen = [...new Set(steps)].sort();
  return { id, requestId, kind, revision, planHash, steps: chosen, reason, by: deciderKey(by) };
}

export function isSameDecision(one: AnalystDecision, other: AnalystDecision): boolean {
  return canonicalJson(contentOf(one)) === canonicalJson(contentOf(other));
}

/** Identifies a decider across channels. A person never equals automation. */
export function deciderKey(by: Decider): string {
  return by.kind === 'person' ? `person:${by.objectId.toLowerCase()}` : `automation:${by.id}`;
}
