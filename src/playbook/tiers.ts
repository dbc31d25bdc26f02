import type { TierRules } from './tier-schema.js';

/** The tiers of one file. */
export interface TierSet<T extends TierRules = TierRules> {
  /** Path of the file, as given. */
  readonly file: string;
  /** Of all tiers, also of those with mistakes in their form. */
  readonly names: readonly string[];
  /** The tiers without mistakes in their form. */
  readonly tiers: readonly T[];
}

/** The tiers from this one upwards; a repeated tier ends the chain. */
export function escalationChain(name: string, tiers: readonly TierRules[]): string[] {
  const chain = [name];
  for (;;) {
    const to = tiers.find((tier) => tier.name === chain.at(-1))?.escalate?.to;
    if (to === undefined) return chain;
    const again = chain.includes(to);
    chain.push(to);
    if (again) return chain;
  }
}
