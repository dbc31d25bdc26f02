/** The rate limit for decisions, counted for each person and program across all channels of this process. */
import type { Decider } from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import { clock } from './clock.js';
import { RateLimiter } from './http/rate-limiter.js';

/** Far above human use, but low enough that a stolen token cannot flood an instance's history. */
const perMinute = new RateLimiter({ each: 60, perMs: 60_000 });

declare const admitted: unique symbol;
/** A decider that the rate limit has admitted. `decide` requires this type, so no channel can skip the limit. */
export type Admitted<D extends Decider = Decider> = D & { readonly [admitted]: true };

export interface TooFast {
  readonly kind: 'too-fast';
  readonly waitMs: number;
}

export const TOO_FAST = 'You submitted too many decisions in the last minute.';

/** Counts one decision, or returns the time until the next one is admitted. */
export function admit<D extends Decider>(by: D): Admitted<D> | TooFast {
  const waitMs = perMinute.take(`${by.tenantId ?? ''} ${deciderKey(by)}`, clock.now());
  return waitMs > 0 ? { kind: 'too-fast', waitMs } : (by as Admitted<D>);
}
