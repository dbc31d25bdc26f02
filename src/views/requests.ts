/** The approval requests of a case. */
import { type ApprovalRequest, currentVotes } from '../domain/approval.js';
import type { CaseView } from '../domain/case-file.js';
import { describeSubmitter } from '../domain/submission.js';
import { voidedVotes } from '../domain/voided-votes.js';
import { preselected, type StepView } from './steps.js';
import { REQUEST_STATES, type RequestWords, requestWords } from './words/request.js';

/** One request. All texts may be hostile: escape them at the point of output. */
export interface RequestView {
  readonly id: string;
  readonly purpose: ApprovalRequest['purpose'];
  readonly tier: string;
  /** `Tier analysts`, `Undo, tier analysts`. */
  readonly name: string;
  readonly isWaiting: boolean;
  /** The state with what became of the steps. */
  readonly state: RequestWords;
  readonly requestedAt: string;
  readonly expiresAt: string;
  /** `1 approver`, `2 approvers (four eyes)`. */
  readonly needs: string;
  /** `1 of 2`. */
  readonly votes: string;
  readonly approvers: string;
  /** Undefined: written by an older version. */
  readonly submitter: string | undefined;
  readonly warnings: readonly string[];
  /** Approvals that no longer count, one sentence each. */
  readonly voided: readonly string[];
  readonly steps: readonly StepView[];
  /** Ids of the steps that a form selects at first. */
  readonly preselected: readonly string[];
}

type Case = Pick<CaseView, 'effects' | 'plan' | 'outcome' | 'error' | 'decisions'>;

/** @param steps of the whole case. */
export function requestView(file: Case, request: ApprovalRequest, steps: readonly StepView[]): RequestView {
  const { id, purpose, tier, state, requestedAt, expiresAt, stepIds, warnings, submission } = request;
  const votes = currentVotes(request);
  return {
    id,
    purpose,
    tier,
    name: purpose === 'undo' ? `Undo, tier ${tier}` : `Tier ${tier}`,
    isWaiting: state === 'waiting',
    state: requestWords(file, request),
    requestedAt,
    expiresAt,
    needs: needs(request),
    votes: `${votes.length} of ${request.approvalsNeeded}`,
    approvers: approverNames(request),
    submitter: submission === undefined ? undefined : describeSubmitter(submission),
    warnings,
    voided: voidedVotes(request).map(({ text }) => text),
    steps: stepIds.flatMap((stepId) => steps.find((step) => step.id === stepId) ?? []),
    preselected: preselected(file, request, votes.at(-1)?.steps),
  };
}

/** `1 approver`, `2 approvers (four eyes)`. */
export function needs({
  approvalsNeeded,
  fourEyes,
}: Pick<ApprovalRequest, 'approvalsNeeded' | 'fourEyes'>): string {
  const approvers = approvalsNeeded === 1 ? '1 approver' : `${approvalsNeeded} approvers`;
  return `${approvers}${fourEyes ? ' (four eyes)' : ''}`;
}

export function approverNames({ approvers }: Pick<ApprovalRequest, 'approvers'>): string {
  const people = [...approvers.groups, ...approvers.people].map(({ name }) => name);
  const programs = approvers.automation.map((name) => `${name} (automation)`);
  return [...people, ...programs].join(', ') || 'no one';
}

/** The state of a request where its case is unknown, e.g. in a list. */
export function listedState({ purpose, state }: Pick<ApprovalRequest, 'purpose' | 'state'>): string {
  return REQUEST_STATES[purpose][state].words;
}
