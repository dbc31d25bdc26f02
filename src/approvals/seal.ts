import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical.js';
import type { Plan, PlanBody } from '../domain/plan.js';

/** SHA-256 (64 hex digits) of a JSON value, independent of the order of its keys. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** Binds a plan to its content: whatever differs, an input, an approver, a deadline, gives another hash. */
export function sealPlan(body: PlanBody): Plan {
  return { ...body, hash: contentHash(body) };
}
