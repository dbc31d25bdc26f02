/** The view of a request for the API, the page and the command line. */
import { type ApprovalRequest, currentVotes, type EvaluatedDecision } from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { CaseAlarm } from '../../domain/case-record.js';
import type { RefusedDecisions } from '../../domain/refused-decisions.js';
import { plansOf } from '../../domain/settled.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { ALARMS, shortTime } from '../../views/index.js';
import type { ApprovalView, AuditEntry, PublicRequest } from './approval-schemas.js';

/** The ETag that binds a decision to the revision and the plan that the analyst saw. */
export function etagOf({ revision, planHash }: Pick<ApprovalRequest, 'revision' | 'planHash'>): string {
  return `"${revision}-${planHash.slice(0, 16)}"`;
}

export function requestOf(file: CaseFile, requestId: string): ApprovalRequest | undefined {
  return file.approvals.find((request) => request.id === requestId);
}

export function decisionsOf(file: CaseFile, requestId: string): EvaluatedDecision[] {
  return file.decisions.filter(({ decision }) => decision.requestId === requestId);
}

export function publicRequest({ cards: _, ...request }: ApprovalRequest): PublicRequest {
  return request;
}

export function approvalView(file: CaseFile, request: ApprovalRequest): ApprovalView {
  const { incidentKey, title, number, severity, url, description, stage, outcome, decision } = file;
  const plan = plansOf(file).find(({ hash }) => hash === request.planHash);
  const votes = currentVotes(request);
  const asked = new Set(request.stepIds);
  return {
    request: publicRequest(request),
    incident: { incidentKey, title, number, severity, url, description },
    stage,
    outcome,
    steps: plan?.steps.filter(({ id }) => asked.has(id)) ?? [],
    approvalsGiven: votes.length,
    selection: votes[0]?.steps,
    effects: file.effects.filter(({ stepId }) => asked.has(stepId)),
    decision,
    decisions: decisionsOf(file, request.id).map(({ decision: { card: _, ...decision }, ...evaluated }) => ({
      ...evaluated,
      decision,
    })),
    others: file.approvals
      .filter(({ id }) => id !== request.id)
      .map(({ id, tier, purpose, state }) => ({ id, tier, purpose, state })),
  };
}

/** The audit trail of a request, in chronological order. Entries are never removed. */
export function auditOf(
  file: CaseFile,
  request: ApprovalRequest,
  alarms: readonly CaseAlarm[],
): AuditEntry[] {
  const { requestedAt, reminders, escalations, tier } = request;
  const entries: AuditEntry[] = [
    { at: requestedAt, event: 'requested', text: `Approval was requested from tier ${tier}.` },
    ...reminders.map((at): AuditEntry => ({ at, event: 'reminded', text: 'The approvers were reminded.' })),
    ...escalations.map(
      ({ to, at }): AuditEntry => ({
        at,
        event: 'escalated',
        text: `Escalated: tier ${to} may decide, too.`,
      }),
    ),
    ...request.extensions.map(
      ({ by, at, expiresAt }): AuditEntry => ({
        at,
        event: 'extended',
        by,
        text: `The deadline was moved to ${shortTime(expiresAt)}.`,
      }),
    ),
    ...decisionsOf(file, request.id).map(auditOfDecision),
    ...voidedVotes(request).map((voided): AuditEntry => ({ event: 'voided', ...voided })),
    ...refusalsOf(file, request.id),
    ...alarms.map(({ code, count, firstAt, lastAt }): AuditEntry => {
      const times = count === 1 ? '' : ` ${count} times, last at ${shortTime(lastAt)}.`;
      return { at: firstAt, event: 'alarm', text: `${ALARMS[code]}${times}` };
    }),
  ];
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function refusalsOf({ refusedDecisions }: CaseFile, requestId: string): AuditEntry[] {
  const { kept = [], omitted } = refusedDecisions ?? {};
  return [
    ...kept
      .filter((refusal) => refusal.requestId === requestId)
      .map(({ at, by, message: text, requestId: _, ...refused }): AuditEntry => {
        return { at, event: 'refused', ...(by === undefined ? {} : { by }), text, refused };
      }),
    ...(omitted === undefined ? [] : [omission(omitted)]),
  ];
}

function omission({ count, lastAt }: NonNullable<RefusedDecisions['omitted']>): AuditEntry {
  const what = count === 1 ? 'One more refused decision is' : `${count} more refused decisions are`;
  const text = `${what} not stored, because the limit for this incident is reached; the log has the details.`;
  return { at: lastAt, event: 'omitted', text };
}

function auditOfDecision({ decision, outcome, evaluatedAt, selectionHash }: EvaluatedDecision): AuditEntry {
  const { id, kind, revision, planHash, steps, reason, at: sentAt, by } = decision;
  return {
    at: evaluatedAt,
    event: 'decision',
    by,
    text: outcome.message,
    decision: {
      id,
      kind,
      revision,
      planHash,
      steps,
      ...(selectionHash === undefined ? {} : { selectionHash }),
      ...(reason === undefined ? {} : { reason }),
      sentAt,
      accepted: outcome.accepted,
      code: outcome.code,
    },
  };
}
