/** What an inbox rule does to messages, as far as an attacker uses it. Pure. */
import { clip } from '../../../domain/clip.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { InboxRule, Recipients } from './inbox-rules.js';

/** `unclear`: an entry of the address list, without its mail address; a contact in it may be outside. */
export type Whereabouts = 'inside' | 'outside' | 'unclear';
export interface Destination {
  readonly how: 'forwards' | 'redirects';
  readonly address: string;
}
export interface RuleEffects {
  readonly sendsTo: readonly Destination[];
  readonly deletes: boolean;
  readonly moves: boolean;
  /** Its owner does not notice messages: it moves them and marks them as read, or moves them all, or by words. */
  readonly hides: boolean;
  /** It applies by words of the subject or the body. */
  readonly byWords: boolean;
}

export function effectsOf({ actions, conditions }: InboxRule): RuleEffects {
  const to = (how: Destination['how'], recipients: Recipients): Destination[] =>
    [recipients ?? []].flat().map(({ emailAddress }) => ({ how, address: emailAddress?.address ?? '' }));
  const words = [
    conditions?.subjectContains,
    conditions?.bodyContains,
    conditions?.bodyOrSubjectContains,
  ].flatMap((some) => some ?? []);
  const byWords = words.length > 0;
  const moves = Boolean(actions?.moveToFolder);
  return {
    sendsTo: [
      ...to('forwards', actions?.forwardTo),
      ...to('forwards', actions?.forwardAsAttachmentTo),
      ...to('redirects', actions?.redirectTo),
    ],
    deletes: actions?.delete === true || actions?.permanentDelete === true,
    moves,
    hides: moves && (actions?.markAsRead === true || byWords || Object.keys(conditions ?? {}).length === 0),
    byWords,
  };
}

/** @param domains the verified ones, in lower case. */
export function whereaboutsOf({ address }: Destination, domains: ReadonlySet<string>): Whereabouts {
  const at = address.lastIndexOf('@');
  if (at < 1) return 'unclear';
  return domains.has(lowerCase(address.slice(at + 1).trim())) ? 'inside' : 'outside';
}

/** Whether its owner may lose messages, or others may read them. A rule that only files messages does neither. */
export function divertsMessages(effects: RuleEffects, domains: ReadonlySet<string>): boolean {
  return effects.deletes || effects.hides || sendsOutside(effects, domains);
}

export function sendsOutside({ sendsTo }: RuleEffects, domains: ReadonlySet<string>): boolean {
  return sendsTo.some((one) => whereaboutsOf(one, domains) !== 'inside');
}

const LONGEST_NAME = 30;
const LONGEST_ADDRESS = 60;

/** `rule “Invoices” (forwards to eve@fabrikam.com, deletes)`: its name is what its author wants it to be. */
export function describeRule(rule: InboxRule): string {
  const { sendsTo, deletes, moves, byWords } = effectsOf(rule);
  const does = [
    ...sendsTo.map(({ how, address }) => `${how} to ${clip(visible(address), LONGEST_ADDRESS) || 'someone'}`),
    ...(deletes ? ['deletes'] : []),
    ...(moves ? [rule.actions?.markAsRead === true ? 'moves and marks as read' : 'moves'] : []),
  ].join(', ');
  const when = byWords ? ', by words' : '';
  const name = clip(visible(rule.displayName ?? ''), LONGEST_NAME).replaceAll(/[“”]/g, "'");
  return `rule “${name}” (${does || 'neither moves nor sends'}${when})`;
}
