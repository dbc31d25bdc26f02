/** Timeline messages about the execution of a plan. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { Effect, UndoEffect } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';
import type { HandedOver } from '../domain/handed-over.js';
import type { PlanStep } from '../domain/plan.js';
import type { Reading } from '../domain/reading.js';
import type { Reliant } from '../domain/reliance.js';
import type { ActivityOutput } from './activities.js';
import { count } from './scope.js';

export function describeStart(automatic: number, requests: readonly ApprovalRequest[]): string {
  const auto = automatic > 0 ? [`${count(automatic, 'step')} will be carried out at once.`] : [];
  const approvals = requests.flatMap(({ tier, stepIds, expiresAt, approvalsNeeded, warnings }) => [
    `${count(stepIds.length, 'step')} wait${stepIds.length === 1 ? 's' : ''} for ${count(approvalsNeeded, 'approver')} of tier ${tier} until ${expiresAt}.`,
    ...warnings,
  ]);
  return [...auto, ...approvals].join(' ');
}

const PARTS: Readonly<Record<Reading['part'], string>> = {
  incident: 'the incident',
  alerts: 'the alerts of the incident',
  entities: 'the entities of the incident',
};

export function describeReading({ because, part, until }: Reading, error: ErrorInfo | undefined): string {
  const again = `The responder tries again until ${until}.`;
  if (because === 'none') return `The incident has no entities yet. ${again}`;
  if (because === 'not-found') return `The service does not return ${PARTS[part]} yet. ${again}`;
  return `The service could not return ${PARTS[part]}: ${withFullStop(error?.message ?? '')} ${again}`;
}

type Events = ActivityOutput<'processTimeouts'>['events'];

export function describeTimeout(
  requests: readonly ApprovalRequest[],
  events: Events,
  mergedInto?: string,
): string {
  return events
    .map(({ id, what }) => {
      const request = requests.find((one) => one.id === id);
      return request === undefined ? '' : describeTimeoutEvent(request, what, mergedInto);
    })
    .join(' ');
}

function describeTimeoutEvent(
  request: ApprovalRequest,
  what: Events[number]['what'],
  mergedInto: string | undefined,
): string {
  const { tier, purpose, escalations, expiresAt, warnings, selected } = request;
  switch (what) {
    case 'reminded':
      return `Tier ${tier} was reminded.`;
    case 'escalated':
      return [`Escalated to tier ${escalations.at(-1)?.to ?? ''}, until ${expiresAt}.`, ...warnings].join(
        ' ',
      );
    case 'expired':
      return purpose === 'undo'
        ? `The time to undo the steps of tier ${tier} has ended.`
        : 'The request expired without a decision. None of its steps will be carried out.';
    case 'contained':
      return `The request expired without a decision. ${count(selected.length, 'step')} will be carried out for a limited time (temporary containment).`;
    case 'superseded':
      return `${describeEnd(request.supersededBy, mergedInto)} No further steps of the request will be carried out.`;
  }
}

/** @param mergedInto key of the target, if it is known */
export function describeEnd(because: ApprovalRequest['supersededBy'], mergedInto?: string): string {
  if (because === 'gone') return 'The incident no longer exists.';
  if (because === 'merged') return `The incident was merged into ${mergedInto ?? 'another one'}.`;
  return 'The incident was closed in the meantime.';
}

type NamedStep = { readonly step: Pick<PlanStep, 'title' | 'target'> };

export function containmentExpired(begun: readonly NamedStep[], unconfirmed: readonly NamedStep[]): string {
  const manual = unconfirmed.map(
    ({ step }) =>
      `${step.title} (${step.target}) was never confirmed: check whether it is in force, and undo it manually.`,
  );
  return [
    `The temporary containment has ended: ${count(begun.length, 'step')} will be undone.`,
    ...manual,
  ].join(' ');
}

export function describeProgress(
  step: PlanStep,
  direction: 'do' | 'undo',
  {
    state,
    watchedUntil,
    proof,
    error,
  }: Pick<Effect | UndoEffect, 'state' | 'watchedUntil' | 'proof' | 'error'>,
): string {
  const tail = proof ?? error?.message;
  const what = direction === 'undo' ? `Undo of ${step.title}` : step.title;
  const became = watchedUntil === undefined ? PROGRESS[state] : 'is not in effect yet';
  const text = `${what} (${step.target}) ${became}${tail === undefined ? '.' : `: ${withFullStop(tail)}`}`;
  return watchedUntil === undefined ? text : `${text} It is read back again until ${watchedUntil}.`;
}

const MOST_NAMED = 5;

/** E.g. `incident #2002 since 2026-03-10T08:12:00.000Z, incident #2003 since …`. */
function nameReliants(reliants: readonly Reliant[]): string {
  const names = reliants
    .slice(0, MOST_NAMED)
    .map(({ number, since }) => `incident #${number ?? '?'} since ${since}`);
  const more = reliants.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** An effect stays in force because other incidents rely on it. */
export function reliedOn(others: readonly Reliant[]): string {
  return `It stays in force because of ${nameReliants(others)}. This incident no longer relies on it.`;
}

export function endedBy({ title, target }: PlanStep, reason: string): string {
  return `${title} (${target}) was ended by others: ${withFullStop(reason)}`;
}

/** Why a step is left to a case that has handed over. */
export const doneBy = (source: HandedOver): string => `${nameOf(source)} has done it.`;

/** A step waits for the end of what a case that has handed over is carrying out. */
export const carriedOutBy = ({ title, target }: PlanStep, source: HandedOver): string =>
  `${title} (${target}) waits: ${nameOf(source)} is carrying it out.`;

/** That end was not reported in time. */
export const notEndedBy = (source: HandedOver): string =>
  `Not carried out: ${nameOf(source)} has begun it, and has not reported its end.`;

function nameOf({ because, from: { number, key } }: HandedOver): string {
  const name = number === undefined ? key : `#${number}`;
  return because === 'merged'
    ? `Incident ${name}, which was merged into this one,`
    : `The case ${key} of the same incident`;
}

/** For the case file of another incident that relies on the effect. */
export function releasedBy({ title, target }: PlanStep, number: string | undefined): string {
  return `${title} (${target}): incident #${number ?? '?'} was due to end it and no longer relies on it. It stays in force because this incident relies on it.`;
}

/** For the case file of another incident that had relied on the effect. */
export function foundEnded({ title, target }: PlanStep, number: string | undefined): string {
  return `${title} (${target}) was ended by others: incident #${number ?? '?'} found it not in force and applied it itself.`;
}

export function alsoReliedOn({ title, target }: PlanStep, others: readonly Reliant[]): string {
  return `${title} (${target}) is also relied on by ${nameReliants(others)}.`;
}

const PROGRESS: Readonly<Record<Effect['state'] | UndoEffect['state'], string>> = {
  intended: 'will be tried again',
  requested: 'was requested',
  'already-done': 'was already done',
  confirmed: 'is confirmed',
  unconfirmed: 'could not be confirmed',
  failed: 'failed',
  'not-ours': 'left it unchanged',
  'relied-on': 'left it unchanged',
  'handed-over': 'is not repeated',
};

function withFullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
