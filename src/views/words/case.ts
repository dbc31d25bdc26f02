/** The words for the state of an incident. */
import type { CaseFile, Outcome, Stage } from '../../domain/case-file.js';
import type { AlarmCode } from '../../domain/case-record.js';
import type { ConditionRecord, PlanStep } from '../../domain/plan.js';
import type { Reading } from '../../domain/reading.js';
import type { Severity } from '../../domain/severity.js';
import type { Unfinished } from '../../domain/unfinished.js';
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
  'incident-merged': { words: 'the incident was merged into another one', tone: 'over' },
  'incident-gone': { words: 'the incident does not exist', tone: 'warn' },
  'handled-elsewhere': { words: 'handled under another id of the same incident', tone: 'over' },
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

const READING: Readonly<Record<Reading['because'], (part: string) => string>> = {
  'not-found': (part) => `its service does not return ${part} yet`,
  none: () => 'the incident has no entities yet',
  unavailable: (part) => `${part} cannot be read`,
};
const PARTS: Readonly<Record<Reading['part'], string>> = {
  incident: 'the incident',
  alerts: 'its alerts',
  entities: 'its entities',
};

/** Why the incident is not read yet, and until when the responder tries. */
function readingWords({ because, part, until }: Reading): Words {
  return { words: `${READING[because](PARTS[part])}; trying until ${shortTime(until)}`, tone: 'warn' };
}

/** What kept a run from its end. */
export const UNFINISHED: Readonly<Record<Unfinished, string>> = {
  gone: 'The incident was not returned by its service.',
  unreadable: 'The incident could not be read.',
  'no-entities': 'The incident had no entities.',
  'no-permission': 'The responder lacks a permission.',
  'not-decided': 'The playbook could not decide.',
  'unknown-values': 'A value that the playbook needs was unknown.',
  'not-handed-over': 'The incident was merged into another one, whose case did not take over.',
  'step-unproved': 'A response failed, or its effect could not be proved.',
  failed: 'An error in the responder ended the run.',
  'left-out': 'A retry of some steps left out others that are unfinished.',
};
/** Of an incident that names one of another tenant as the same. */
export const NAMES_OTHER_TENANT =
  'Warning: the incident says that it is also an incident of another tenant. That one was neither read nor changed.';
/** How such a run goes on. */
export const BEGINS_AGAIN =
  'The next delivery of the incident, or a retry by an analyst, begins again; what is done stays done.';

export const SEVERITIES: Readonly<Record<Severity, Words>> = {
  high: { words: 'high severity', tone: 'bad' },
  medium: { words: 'medium severity', tone: 'warn' },
  low: { words: 'low severity', tone: 'over' },
  informational: { words: 'informational severity', tone: 'over' },
  unknown: { words: 'severity unknown', tone: 'over' },
};

export const RISKS: Readonly<Record<PlanStep['risk'], Words>> = {
  safe: { words: 'safe', tone: 'over' },
  reversible: { words: 'reversible', tone: 'over' },
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
  Partial<Pick<CaseFile, 'plan' | 'reading'>>;

/** The state of an incident in a few words. */
export function headline({ stage, reading, outcome, approvals, effects, plan }: Headlined): Words {
  if (outcome !== undefined) {
    const { words, tone } = OUTCOMES[outcome];
    const ended = effects.some(({ undo, endedByOthers }) => undo === undefined && endedByOthers);
    return ended ? { words: `${words}; ended by others since`, tone: 'warn' } : { words, tone };
  }
  if (stage === 'reading' && reading !== undefined) return readingWords(reading);
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
  status: (Pick<CaseFile, 'outcome' | 'reading'> & { readonly state: Stage }) | undefined,
): Words {
  const known = listed(status);
  const broken = BROKEN[runtimeStatus];
  return broken === undefined ? known : { words: `${broken}, ${known.words}`, tone: 'bad' };
}

function listed(status: Parameters<typeof listedHeadline>[1]): Words {
  if (status?.outcome !== undefined) return OUTCOMES[status.outcome];
  if (status?.reading !== undefined) return readingWords(status.reading);
  return status === undefined ? ACCEPTED : STAGES[status.state];
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
