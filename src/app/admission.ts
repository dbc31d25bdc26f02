/** How often somebody may decide: counted for each person and program over all doors of this process together. */
import type { Decider } from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import { clock } from './clock.js';
import { Allowance } from './http/allowance.js';

/** Far above what a person does, and low enough that a stolen token cannot flood an instance's history. */
const perMinute = new Allowance({ each: 60, perMs: 60_000 });

declare const admitted: unique symbol;
/** A decider whose turn was counted. `decide` takes no other, so that no door can leave it out. */
export type Admitted<D extends Decider = Decider> = D & { readonly [admitted]: true };

export interface TooFast {
  readonly kind: 'too-fast';
  readonly waitMs: number;
}

export const TOO_FAST = 'More decisions came from you in the last minute than a person makes.';

/** Counts one decision, or says how long to wait until the next one is taken. */
export function admit<D extends Decider>(by: D): Admitted<D> | TooFast {
  const waitMs = perMinute.take(deciderKey(by), clock.now());
  return waitMs > 0 ? { kind: 'too-fast', waitMs } : (by as Admitted<D>);
}
