/** A request as it is shown: on the API, on the page and by the command line. */
import { type ApprovalRequest, currentVotes, type JudgedDecision } from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import type { AlarmCode, CaseAlarm } from '../../domain/case-record.js';
import type { RefusedAtDoors } from '../../domain/door-refusals.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import type { ApprovalView, AuditEntry, PublicRequest } from './approval-schemas.js';

/** What a decision is bound to: the revision and the plan that the analyst saw. */
export function etagOf({ revision, planHash }: Pick<ApprovalRequest, 'revision' | 'planHash'>): string {
  return `"${revision}-${planHash.slice(0, 16)}"`;
}

export function requestOf(file: CaseFile, requestId: string): ApprovalRequest | undefined {
  return file.approvals.find((request) => request.id === requestId);
}

export function decisionsOf(file: CaseFile, requestId: string): JudgedDecision[] {
  return file.decisions.filter(({ decision }) => decision.requestId === requestId);
}

export function publicRequest({ cards: _, ...request }: ApprovalRequest): PublicRequest {
  return request;
}

export function approvalView(file: CaseFile, request: ApprovalRequest): ApprovalView {
  const { incidentKey, title, number, severity, url, description, stage, outcome, plan, decision } = file;
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
    decisions: decisionsOf(file, request.id).map(({ decision: { card: _, ...decision }, ...judged }) => ({
      ...judged,
      decision,
    })),
    others: file.approvals
      .filter(({ id }) => id !== request.id)
      .map(({ id, tier, purpose, state }) => ({ id, tier, purpose, state })),
  };
}

/** Everything that happened to a request, in order; nothing is ever taken out. */
export function auditOf(
  file: CaseFile,
  request: ApprovalRequest,
  alarms: readonly CaseAlarm[],
): AuditEntry[] {
  const { requestedAt, reminders, escalations, tier } = request;
  const entries: AuditEntry[] = [
    { at: requestedAt, event: 'requested', text: `Tier ${tier} was asked.` },
    ...reminders.map((at): AuditEntry => ({ at, event: 'reminded', text: 'The approvers were reminded.' })),
    ...escalations.map(
      ({ to, at }): AuditEntry => ({ at, event: 'escalated', text: `Tier ${to} may decide, too.` }),
    ),
    ...request.extensions.map(
      ({ by, at, expiresAt }): AuditEntry => ({
        at,
        event: 'extended',
        by,
        text: `The deadline was moved to ${expiresAt}.`,
      }),
    ),
    ...decisionsOf(file, request.id).map(auditOfDecision),
    ...voidedVotes(request).map((voided): AuditEntry => ({ event: 'voided', ...voided })),
    ...refusalsOf(file, request.id),
    ...alarms.map(({ code, count, firstAt, lastAt }): AuditEntry => {
      const times = count === 1 ? '' : ` ${count} times, last at ${lastAt}.`;
      return { at: firstAt, event: 'alarm', text: `${ALARMS[code]}${times}` };
    }),
  ];
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const ALARMS: Readonly<Record<AlarmCode, string>> = {
  forged: 'Something that the responder did not say was sent to this case file; it changed nothing.',
  incomplete: 'Something that the run said is missing.',
  rewritten: 'The run was told a second time in other words; what came first is kept.',
};

function refusalsOf({ refusedAtDoors }: CaseFile, requestId: string): AuditEntry[] {
  const { kept = [], omitted } = refusedAtDoors ?? {};
  return [
    ...kept
      .filter((refusal) => refusal.requestId === requestId)
      .map(({ at, by, message: text, requestId: _, ...refused }): AuditEntry => {
        return { at, event: 'refused', ...(by === undefined ? {} : { by }), text, refused };
      }),
    ...(omitted === undefined ? [] : [omission(omitted)]),
  ];
}

function omission({ count, lastAt }: NonNullable<RefusedAtDoors['omitted']>): AuditEntry {
  const what = count === 1 ? 'One more decision was' : `${count} more decisions were`;
  const text = `${what} refused at the doors of this incident than there is room for; the log has them.`;
  return { at: lastAt, event: 'omitted', text };
}

function auditOfDecision({ decision, verdict, judgedAt, selectionHash }: JudgedDecision): AuditEntry {
  const { id, kind, revision, planHash, steps, reason, at: sentAt, by } = decision;
  return {
    at: judgedAt,
    event: 'decision',
    by,
    text: verdict.message,
    decision: {
      id,
      kind,
      revision,
      planHash,
      steps,
      ...(selectionHash === undefined ? {} : { selectionHash }),
      ...(reason === undefined ? {} : { reason }),
      sentAt,
      accepted: verdict.accepted,
      code: verdict.code,
    },
  };
}
