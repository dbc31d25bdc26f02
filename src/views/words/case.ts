/** The words for the state of an incident. */
import type { CaseFile, Outcome, Stage } from '../../domain/case-file.js';
import type { AlarmCode } from '../../domain/case-record.js';
import type { Severity } from '../../domain/incident.js';
import type { ConditionRecord, PlanStep } from '../../domain/plan.js';
import { shortTime } from './time.js';

/** `ask`: a decision is needed. `busy`: under way. `over`: ended, neither good nor bad. */
export type Tone = 'good' | 'busy' | 'ask' | 'warn' | 'bad' | 'over';
export interface Words {
  readonly words: string;
  readonly tone: Tone;
}

export const OUTCOMES: Readonly<Record<Outcome, Words>> = {
  remediated: { words: 'remediated', tone: 'good' },
  'partly-remediated': { words: 'partly remediated', tone: 'warn' },
  rejected: { words: 'rejected by an analyst', tone: 'over' },
  expired: { words: 'expired without a decision', tone: 'warn' },
  contained: { words: 'expired without a decision; temporarily contained', tone: 'warn' },
  undone: { words: 'undone by decision', tone: 'over' },
  'no-action': { words: 'nothing to do', tone: 'over' },
  'no-playbook': { words: 'no playbook applies', tone: 'over' },
  'needs-analyst': { words: 'needs an analyst', tone: 'bad' },
  'incident-closed': { words: 'the incident was already closed', tone: 'over' },
  'incident-gone': { words: 'the incident no longer exists', tone: 'over' },
};

export const STAGES: Readonly<Record<Stage, Words>> = {
  reading: { words: 'reading the incident', tone: 'busy' },
  enriching: { words: 'enriching', tone: 'busy' },
  deciding: { words: 'deciding', tone: 'busy' },
  'awaiting-approval': { words: 'waiting for approval', tone: 'ask' },
  remediating: { words: 'remediating', tone: 'busy' },
  confirming: { words: 'confirming effects', tone: 'busy' },
  ended: { words: 'ended', tone: 'over' },
};

export const SEVERITIES: Readonly<Record<Severity, Words>> = {
  high: { words: 'high severity', tone: 'bad' },
  medium: { words: 'medium severity', tone: 'warn' },
  low: { words: 'low severity', tone: 'over' },
  informational: { words: 'informational severity', tone: 'over' },
  unknown: { words: 'severity unknown', tone: 'over' },
};

export const RISKS: Readonly<Record<PlanStep['risk'], Words>> = {
  low: { words: 'low risk', tone: 'over' },
  disruptive: { words: 'disruptive', tone: 'warn' },
  destructive: { words: 'destructive', tone: 'bad' },
};

export const CONDITION_RESULTS: Readonly<Record<ConditionRecord['result'], Words>> = {
  true: { words: 'true', tone: 'good' },
  false: { words: 'false', tone: 'over' },
  unknown: { words: 'unknown', tone: 'warn' },
};

export const ALARMS: Readonly<Record<AlarmCode, string>> = {
  forged: 'The case file received a message that the responder did not send; nothing was changed by it.',
  incomplete: 'An update that the run sent is missing.',
  rewritten: 'The run sent an update again with different content; the first version is kept.',
};

/** A response that the playbook calls for, and that a person must carry out or dismiss. */
export const MANUAL_ACTION = 'Manual action';
/** The heading of their list. */
export const MANUAL_ACTIONS = 'Manual actions';

type Headlined = Pick<CaseFile, 'stage' | 'outcome' | 'approvals' | 'effects'> &
  Partial<Pick<CaseFile, 'plan'>>;

/** The state of an incident in a few words. */
export function headline({ stage, outcome, approvals, effects, plan }: Headlined): Words {
  if (outcome !== undefined) {
    const { words, tone } = OUTCOMES[outcome];
    const ended = effects.some(({ undo, endedByOthers }) => undo === undefined && endedByOthers);
    return ended ? { words: `${words}; ended by others since`, tone: 'warn' } : { words, tone };
  }
  const [next] = approvals
    .filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond')
    .map(({ expiresAt }) => expiresAt)
    .sort();
  const waits = STAGES['awaiting-approval'];
  if (next !== undefined) return { ...waits, words: `${waits.words} until ${shortTime(next)}` };
  const needsApproval = plan?.steps.some((step) => step.mode === 'approval') ?? false;
  return stage === 'deciding' && needsApproval ? waits : STAGES[stage];
}

/** The state of an instance in a list. @param status undefined before the first turn. */
export function listedHeadline(
  runtimeStatus: string,
  status: (Pick<CaseFile, 'outcome'> & { readonly state: Stage }) | undefined,
): Words {
  const known = status?.outcome ? OUTCOMES[status.outcome] : status ? STAGES[status.state] : ACCEPTED;
  const broken = BROKEN[runtimeStatus];
  return broken === undefined ? known : { words: `${broken}, ${known.words}`, tone: 'bad' };
}

const ACCEPTED: Words = { words: 'accepted', tone: 'busy' };
/** Runtime states of an instance that did not end by itself. */
const BROKEN: Readonly<Record<string, string>> = {
  Failed: 'failed',
  Terminated: 'terminated',
  Canceled: 'canceled',
};

/** The playbook's decision in one line; the lists have the details. */
export function decisionLine({ decision, plan }: Pick<CaseFile, 'decision' | 'plan'>): string | undefined {
  if (decision === undefined) return undefined;
  const proposed = plan?.steps.length ?? 0;
  const responses = proposed === 1 ? '1 response' : `${proposed || 'no'} responses`;
  const manual = plan?.refused.length ?? 0;
  const rest = manual === 0 ? '' : `; ${manualActions(manual)}`;
  return `Playbook “${decision.playbook.title}” proposes ${responses}${rest}.`;
}

const MOST_NAMED = 10;

/** `Accounts of Windows and of computers, which no rule is about: NT AUTHORITY\SYSTEM.` */
export function builtInLine({ decision }: Pick<CaseFile, 'decision'>): string | undefined {
  const names = decision?.builtIn ?? [];
  if (names.length === 0) return undefined;
  const more = names.length - MOST_NAMED;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `Accounts of Windows and of computers, which no rule is about: ${names.slice(0, MOST_NAMED).join(', ')}${rest}.`;
}

/** `1 manual action remains`, `2 manual actions remain`. */
export function manualActions(n: number): string {
  return n === 1 ? '1 manual action remains' : `${n} manual actions remain`;
}
