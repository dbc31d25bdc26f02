/** Disables or enables an inbox rule, and restores it. Exchange does not record here who changed a rule. */
import { z } from 'zod';
import { canonicalJson } from '../../../domain/canonical.js';
import { ResponderError } from '../../../domain/errors.js';
import { changeState } from '../../change-state.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  RunResult,
  UndoSkipped,
} from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { type InboxRule, patchInboxRule } from './inbox-rules.js';
import { type RuleInput, readRule } from './rule-resolver.js';

export const ruleOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe(
      'This action changed it; false: it was so before, and undo does not revert it; unknown: this action or someone else did',
    ),
  before: z.record(z.string(), z.unknown()).describe('The whole rule before acting, as Graph returned it'),
});
export type RuleOutput = z.infer<typeof ruleOutputSchema>;

export const ruleStatePermissions: readonly Permission[] = [
  { api: 'Microsoft Graph', name: 'MailboxSettings.ReadWrite', why: 'read and change inbox rules' },
  { api: 'Microsoft Graph', name: 'Domain.Read.All', why: 'see which addresses are outside' },
  { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
];

const stateWords = ({ isEnabled }: InboxRule) => (isEnabled ? 'enabled' : 'disabled');
const idOf = ({ objectId: userId, ruleId }: RuleInput) => ({ userId, ruleId });

export function setRuleEnabled(
  enabled: boolean,
  input: RuleInput,
  ctx: ActionContext,
): Promise<RunResult<RuleOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readRule(input, ctx),
      isInForce: ({ isEnabled }) => isEnabled === enabled,
      words: stateWords,
      send: () => patchInboxRule(idOf(input), enabled, ctx),
      output: (before, changed) => ({ changed, before }),
    },
    ctx,
  );
}

export async function confirmRuleEnabled(
  enabled: boolean,
  input: RuleInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const rule = await findRule(input, ctx);
  if (rule === undefined) return { state: 'failed', reason: `${input.rule} no longer exists.` };
  const status = `${input.rule} was read back as ${stateWords(rule)}.`;
  if (rule.isEnabled !== enabled) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { isEnabled: String(rule.isEnabled) } };
}

/**
 * Reverts a change to `enabled` by this incident or by those whose outputs are in `others`, if the rule is still the one
 * that was changed.
 * @throws ResponderError `undo-unclear` if it is unknown who made the change.
 */
export async function undoRuleEnabled(
  enabled: boolean,
  input: RuleInput,
  output: RuleOutput,
  ctx: ActionContext,
  others: readonly RuleOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  const all = [output, ...others];
  const rule = await findRule(input, ctx);
  if (rule === undefined) return leftAsIs(input, 'it was deleted since');
  if (rule.isEnabled !== enabled) {
    // A lost call of this undo may have done this.
    const before = `${stateWords(rule)}, by us or by somebody else`;
    return { state: 'requested', output: {}, evidence: { before } };
  }
  const own = all.filter(({ changed }) => changed === true);
  if (own.length === 0) {
    if (all.some(({ changed }) => changed === 'unknown')) throw undoUnclear(input, enabled);
    return leftAsIs(input, 'it was so before the responder');
  }
  if (!own.some(({ before }) => isSameRule(before, rule))) return leftAsIs(input, 'someone changed it since');
  return restore(!enabled, input, rule, ctx);
}

async function restore(
  enabled: boolean,
  input: RuleInput,
  before: InboxRule,
  ctx: ActionContext,
): Promise<RunResult<unknown>> {
  const evidence = { before: stateWords(before) };
  try {
    const { requestId } = await patchInboxRule(idOf(input), enabled, ctx);
    return { state: 'requested', output: {}, evidence: { ...evidence, ...(requestId ? { requestId } : {}) } };
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readRule(input, ctx));
    if (after.isEnabled !== enabled) throw error;
    const answer = 'lost, the effect was read back';
    return { state: 'requested', output: {}, evidence: { ...evidence, answer } };
  }
}

/** Its place among the rules changes when others are added, and Exchange itself finds errors. */
const NOT_ITS_OWN = ['isEnabled', 'sequence', 'hasError'];

function isSameRule(before: Readonly<Record<string, unknown>>, now: InboxRule): boolean {
  const own = (rule: Readonly<Record<string, unknown>>) =>
    canonicalJson(Object.fromEntries(Object.entries(rule).filter(([name]) => !NOT_ITS_OWN.includes(name))));
  return own(before) === own(now);
}

const leftAsIs = ({ rule }: RuleInput, why: string): UndoSkipped => ({
  state: 'not-ours',
  reason: `${rule} was left as it is: ${why}.`,
  evidence: {},
});

/** Undefined: the rule no longer exists. */
async function findRule(input: RuleInput, ctx: ActionContext): Promise<InboxRule | undefined> {
  try {
    return await readRule(input, ctx);
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

function undoUnclear({ rule }: RuleInput, enabled: boolean): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else ${enabled ? 'enabled' : 'disabled'} ${rule} is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Ask the owner of the mailbox, and change the rule in Outlook if it was the responder.',
  });
}
