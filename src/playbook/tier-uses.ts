/** Checks of the rules that name tiers: the tier must exist, and must fit the risk of the action. */
import type { ActionCatalogue } from './catalogue.js';
import type { Report } from './problem-list.js';
import { suggestion } from './suggest.js';
import type { TierRules } from './tier-schema.js';
import { escalationChain, type TierSet } from './tiers.js';
import type { Path } from './yaml-source.js';

/** The use of a tier by a response rule. */
export interface TierUse {
  readonly action: string | undefined;
  readonly tier: string;
  readonly unattended: boolean;
  /** Of the rule. */
  readonly path: Path;
}

/** Reports what is wrong with the rules that name tiers. */
export function checkTierUses(
  { file, names, tiers }: TierSet,
  uses: readonly TierUse[],
  catalogue: ActionCatalogue,
  report: Report,
): void {
  for (const { action, tier, unattended, path: rule } of uses) {
    const path = [...rule, 'tier'];
    const declared = action === undefined ? undefined : catalogue.responses.get(action);
    if (unattended && tier !== 'auto') {
      report('unattended-unused', [...rule, 'unattended'], `tier "${tier}" decides`, 'leave it out');
    }
    if (tier === 'auto') {
      if (declared?.risk === 'destructive') {
        const message = `${action} is destructive: it is never carried out without approval`;
        report('auto-refused', path, message, 'name a tier');
      } else if (declared !== undefined && declared.risk !== 'safe' && !unattended) {
        const message = `${action} is ${declared.risk} and no tier decides about it`;
        report(
          'auto-refused',
          path,
          message,
          'name a tier; or, to run it without approval, add: unattended: true',
        );
      }
    } else if (!names.includes(tier)) {
      report('unknown-tier', path, `there is no tier "${tier}" in ${file}`, suggestion(tier, names));
    } else if (declared !== undefined) {
      const final = 'irreversible' in declared.undo;
      const containing = containingTier(tier, tiers);
      if (containing === undefined || (!final && declared.risk !== 'destructive')) continue;
      const why = final ? 'cannot be undone' : 'is destructive';
      const message = `tier "${containing}" contains if no one decides, and ${action} ${why}`;
      report('contain-refused', path, message, 'use a tier that does nothing, or escalates');
    }
  }
}

/**
 * The tier that carries out steps without a decision: this tier, or one of its escalation chain if its deadline
 * escalates. Any tier of the chain may be reached by then: each can escalate before its deadline.
 */
function containingTier(name: string, tiers: readonly TierRules[]): string | undefined {
  const contains = (of: string) => tiers.find((tier) => tier.name === of)?.onDeadline === 'contain';
  if (contains(name)) return name;
  const first = tiers.find((tier) => tier.name === name);
  return first?.onDeadline === 'escalate' ? escalationChain(name, tiers).find(contains) : undefined;
}
