/** Lines of the timeline about a plan on its way. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { Effect, UndoEffect } from '../domain/case-file.js';
import type { PlanStep } from '../domain/plan.js';
import type { Reliant } from '../domain/reliance.js';
import type { ActivityOutput } from './activities.js';
import { count } from './handling.js';

export function opening(automatic: number, requests: readonly ApprovalRequest[]): string {
  const auto = automatic > 0 ? [`${count(automatic, 'step')} will be carried out at once.`] : [];
  const asked = requests.flatMap(({ tier, stepIds, expiresAt, approvalsNeeded, warnings }) => [
    `${count(stepIds.length, 'step')} wait${stepIds.length === 1 ? 's' : ''} for ${count(approvalsNeeded, 'approver')} of tier ${tier} until ${expiresAt}.`,
    ...warnings,
  ]);
  return [...auto, ...asked].join(' ');
}

type Passed = ActivityOutput<'passTime'>['passed'];

export function describePassage(requests: readonly ApprovalRequest[], passed: Passed): string {
  return passed
    .map(({ id, what }) => {
      const request = requests.find((one) => one.id === id);
      return request === undefined ? '' : passage(request, what);
    })
    .join(' ');
}

function passage(request: ApprovalRequest, what: Passed[number]['what']): string {
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
        ? `The time to undo what tier ${tier} approved is over.`
        : 'Nobody decided in time. Nothing of what was asked for will be carried out.';
    case 'contained':
      return `Nobody decided in time. ${count(selected.length, 'step')} will be carried out for a limited time, as policy says.`;
    case 'superseded':
      return 'The incident was closed meanwhile. Nothing more of what was asked for will be carried out.';
  }
}

type Named = { readonly step: Pick<PlanStep, 'title' | 'target'> };

export function containmentOver(begun: readonly Named[], doubtful: readonly Named[]): string {
  const byHand = doubtful.map(
    ({ step }) =>
      `${step.title} (${step.target}) was never confirmed: see whether it is in force, and undo it by hand.`,
  );
  return [`Containment is over: ${count(begun.length, 'step')} will be undone.`, ...byHand].join(' ');
}

export function describeProgress(
  step: PlanStep,
  direction: 'do' | 'undo',
  { state, proof, error }: Pick<Effect | UndoEffect, 'state' | 'proof' | 'error'>,
): string {
  const tail = proof ?? error?.message;
  const what = direction === 'undo' ? `Undo of ${step.title}` : step.title;
  return `${what} (${step.target}) ${PROGRESS[state]}${tail === undefined ? '.' : `: ${ended(tail)}`}`;
}

const MOST_NAMED = 5;

/** `incident #2002 since 2026-03-10T08:12:00.000Z`, and so on. */
function named(reliants: readonly Reliant[]): string {
  const names = reliants
    .slice(0, MOST_NAMED)
    .map(({ number, since }) => `incident #${number ?? '?'} since ${since}`);
  const more = reliants.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** An effect stays because of others. */
export function reliedOn(others: readonly Reliant[]): string {
  return `It stays in force: ${named(others)} relies on it. This incident relies on it no longer.`;
}

export function endedBy({ title, target }: PlanStep, reason: string): string {
  return `${title} (${target}) was ended by others: ${ended(reason)}`;
}

/** For the case of another incident that relies on it. */
export function letGoBy({ title, target }: PlanStep, number: string | undefined): string {
  return `${title} (${target}): incident #${number ?? '?'} was to end it, and does not rely on it any more. It stays in force because this incident relies on it.`;
}

/** For the case of another incident that had relied on it. */
export function foundEnded({ title, target }: PlanStep, number: string | undefined): string {
  return `${title} (${target}) was ended by others: incident #${number ?? '?'} found it not in force, and brought it about for itself.`;
}

export function relyToo({ title, target }: PlanStep, others: readonly Reliant[]): string {
  return `${title} (${target}): relied on by ${named(others)}, too.`;
}

const PROGRESS: Readonly<Record<UndoEffect['state'], string>> = {
  intended: 'will be tried again',
  requested: 'was requested',
  'already-done': 'was done before',
  confirmed: 'is confirmed',
  unconfirmed: 'could not be confirmed',
  failed: 'failed',
  'not-ours': 'left it as it is',
  'relied-on': 'left it as it is',
};

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
