import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical.js';
import type { Plan, PlanBody } from '../domain/plan.js';

/** SHA-256 (64 hex digits) of a JSON value, independent of key order. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** Adds the hash of its content to a plan. Any difference in inputs, approvers or deadlines changes the hash. */
export function hashPlan(body: PlanBody): Plan {
  return { ...body, hash: contentHash(body) };
}
