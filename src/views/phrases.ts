/** Phrases shared by the comment, the web page and the text report. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseFile, Effect, Outcome, Stage, UndoEffect } from '../domain/case-file.js';
import type { ConditionRecord, Plan, PlanStep } from '../domain/plan.js';

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  remediated: 'remediated',
  'partly-remediated': 'partly remediated',
  rejected: 'rejected by an analyst',
  expired: 'expired without a decision',
  contained: 'expired without a decision; temporarily contained',
  undone: 'undone by decision',
  'no-action': 'nothing to do',
  'no-playbook': 'no playbook applies',
  'needs-analyst': 'needs an analyst',
  'incident-closed': 'the incident was already closed',
  'incident-gone': 'the incident no longer exists',
};

export const stageWords: Readonly<Record<Stage, string>> = {
  reading: 'reading the incident',
  enriching: 'enriching',
  deciding: 'deciding',
  'awaiting-approval': 'waiting for approval',
  remediating: 'remediating',
  confirming: 'confirming effects',
  ended: 'ended',
};

/** The state of an incident in a few words. */
export function headline(
  file: Pick<CaseFile, 'stage' | 'outcome' | 'approvals' | 'effects'> & Partial<Pick<CaseFile, 'plan'>>,
): string {
  if (file.outcome !== undefined) {
    const ended = file.effects.some(({ undo, endedByOthers }) => undo === undefined && endedByOthers);
    return `${outcomeWords[file.outcome]}${ended ? '; ended by others since' : ''}`;
  }
  const ends = file.approvals
    .filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond')
    .map(({ expiresAt }) => expiresAt)
    .sort();
  if (ends[0] !== undefined) return `${stageWords['awaiting-approval']} until ${shortTime(ends[0])}`;
  const asksAPerson = file.plan?.steps.some((step) => step.mode === 'approval') ?? false;
  if (file.stage === 'deciding' && asksAPerson) return stageWords['awaiting-approval'];
  return stageWords[file.stage];
}

/** The playbook's decision in one line; the lists have the details. */
export function decisionLine({ decision, plan }: Pick<CaseFile, 'decision' | 'plan'>): string | undefined {
  if (decision === undefined) return undefined;
  const proposed = plan?.steps.length ?? 0;
  const refused = plan?.refused.length ?? 0;
  const responses = proposed === 1 ? '1 response' : `${proposed || 'no'} responses`;
  const rest = refused === 0 ? '' : `; ${refused} ${refused === 1 ? 'needs' : 'need'} manual action`;
  return `Playbook “${decision.playbook.title}” proposes ${responses}${rest}.`;
}

interface Named {
  readonly entityKey: string;
  readonly target: string;
}

/** The rule and the target of a condition: `isolate-workstation for WS-1`, with display names. */
export function conditionTitle(
  { rule, entityKey }: Pick<ConditionRecord, 'rule' | 'entityKey'>,
  { findings, plan }: { readonly findings: readonly Named[]; readonly plan?: Plan | undefined },
): string {
  if (rule === 'when') return 'the playbook applies';
  const named = [...findings, ...(plan?.steps ?? []), ...(plan?.refused ?? [])];
  const name = named.find((one) => one.entityKey === entityKey)?.target ?? entityKey;
  return name === undefined ? rule : `${rule} for ${name}`;
}

const effectWords: Readonly<Record<Effect['state'], string>> = {
  intended: 'being requested',
  requested: 'requested, not confirmed yet',
  'already-done': 'already done',
  confirmed: 'confirmed',
  unconfirmed: 'could not be confirmed',
  failed: 'failed',
};

const undoWords: Readonly<Record<UndoEffect['state'], string>> = {
  intended: 'is being undone',
  requested: 'undo requested, not confirmed yet',
  'already-done': 'was undone',
  confirmed: 'was undone',
  unconfirmed: 'undo could not be confirmed',
  failed: 'could not be undone',
  'not-ours': 'not undone: others caused the effect in force',
  'relied-on': 'not undone: another incident relies on it',
};

export interface PresentEffect {
  readonly words: string;
  /** `over`: the effect is no longer in force. */
  readonly tone: 'good' | 'open' | 'bad' | 'over';
  /** What was read back, or the error; of the undo, if there is one. */
  readonly proof: string | undefined;
}

/** The current state of an effect. Its state before an undo is in the timeline only. */
export function presentEffect({ undo, endedByOthers, ...effect }: Effect): PresentEffect {
  if (undo !== undefined) {
    const tone =
      undo.state === 'confirmed' || undo.state === 'already-done' ? 'over' : UNDO_TONES[undo.state];
    return { words: undoWords[undo.state], tone, proof: undo.proof ?? undo.error?.message };
  }
  if (endedByOthers !== undefined)
    return { words: 'ended by others since', tone: 'over', proof: endedByOthers.reason };
  return {
    words: effectWords[effect.state],
    tone: EFFECT_TONES[effect.state],
    proof: effect.proof ?? effect.error?.message,
  };
}

const EFFECT_TONES = {
  intended: 'open',
  requested: 'open',
  'already-done': 'good',
  confirmed: 'good',
  unconfirmed: 'bad',
  failed: 'bad',
} as const;
const UNDO_TONES = { ...EFFECT_TONES, 'not-ours': 'bad', 'relied-on': 'bad' } as const;

/** The request for a step. Undefined: the step needs no approval, or the request does not exist yet. */
export function requestAbout(
  step: Pick<PlanStep, 'tier'>,
  approvals: readonly ApprovalRequest[],
): ApprovalRequest | undefined {
  return approvals.find(({ tier, purpose }) => tier === step.tier && purpose === 'respond');
}

/** The state of a step. @param request from `requestAbout`. */
export function stepState(
  step: Pick<PlanStep, 'mode'>,
  effect: Effect | undefined,
  request: ApprovalRequest | undefined,
): string {
  if (effect !== undefined) return presentEffect(effect).words;
  if (step.mode === 'auto') return 'not started';
  switch (request?.state) {
    case 'approved':
    case 'contained':
      return 'not approved';
    case 'rejected':
      return 'rejected';
    case 'expired':
      return 'not decided in time';
    case 'superseded':
      return 'not decided: the request was superseded';
    default:
      return 'proposed, waiting for an analyst';
  }
}

/** `2026-03-10 08:12 UTC`. */
export function shortTime(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso);
  return parts ? `${parts[1]} ${parts[2]} UTC` : iso;
}
