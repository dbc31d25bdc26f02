/** The decisions that count, and the audit trail. */
import {
  type ApprovalRequest,
  currentVotes,
  type DecisionKind,
  type EvaluatedDecision,
} from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
import { voidedVotes } from '../domain/voided-votes.js';
import { DECISIONS, deciderName } from './words/decision.js';
import { at, ours, type Phrase, phrase } from './words/phrase.js';
import { ago, between, count } from './words/time.js';

type Case = Pick<CaseFile, 'decisions' | 'approvals'>;

/** The accepted decisions: `Kim Larsen (Teams) approved at 2026-03-10 08:16 UTC, after 4 min 10 s: seen`. */
export function acceptedDecisions({ decisions, approvals }: Case): Phrase[] {
  return decisions
    .filter(({ outcome }) => outcome.accepted)
    .map(({ decision: { by, kind, at: when, reason, requestId } }) => {
      const asked = approvals.find(({ id }) => id === requestId)?.requestedAt;
      const period = kind === 'undo' ? undefined : between(asked, when);
      const why = reason === undefined ? [] : phrase`: ${reason}`;
      return phrase`${deciderName(by)} ${ours(DECISIONS[kind].did)} at ${at(when)}${ours(period === undefined ? '' : `, after ${period}`)}${why}`;
    });
}

/** `Kim Larsen (web page) rejected 2 min ago`. @param now milliseconds since 1970 (UTC). */
export function decidedAgo({ decision: { by, kind }, evaluatedAt }: EvaluatedDecision, now: number): Phrase {
  return phrase`${deciderName(by)} ${ours(DECISIONS[kind].did)} ${ours(ago(evaluatedAt, now))}`;
}

/** One phrase for each approval of the current revision, then the approvals that no longer count. */
export function voteLines(request: ApprovalRequest, now: number): Phrase[] {
  const counted = currentVotes(request).map(
    ({ by, steps, at: when }) =>
      phrase`${deciderName(by)} approved ${ours(count(steps.length, 'step'))} ${ours(ago(when, now))}`,
  );
  return [...counted, ...voidedVotes(request).map(({ text }) => phrase`Void. ${text}`)];
}

/** The parts of an audit entry that its line shows; as the API returns them. */
export interface Audited {
  readonly event: string;
  readonly by?: EvaluatedDecision['decision']['by'] | undefined;
  readonly decision?: AuditedDecision | undefined;
  readonly refused?: AuditedDecision | undefined;
}
interface AuditedDecision {
  readonly kind: DecisionKind;
  readonly revision?: number | undefined;
  readonly code: string;
  readonly accepted?: boolean | undefined;
}

/** Who did what: `Kim Larsen (Teams)`, `approved, revision 1 (approved)`. Hostile: escape them at the point of output. */
export function auditWords({ event, by, decision, refused }: Audited): { who: string; what: string } {
  const unnamed = event === 'refused' ? 'Unknown sender' : 'Responder';
  return { who: by === undefined ? unnamed : deciderName(by), what: what(event, decision, refused) };
}

function what(event: string, decision?: AuditedDecision, refused?: AuditedDecision): string {
  const decided = decision ?? refused;
  if (decided === undefined) return AUDIT_EVENTS[event] ?? event;
  const { kind, revision, code, accepted } = decided;
  const about = `${revision === undefined ? '' : `, revision ${revision}`} (${code})`;
  return accepted === true
    ? `${DECISIONS[kind].did}${about}`
    : `decision to ${DECISIONS[kind].to} refused${decision === undefined ? ' on submission' : ''}${about}`;
}

/** What the responder did by itself. */
const AUDIT_EVENTS: Readonly<Record<string, string>> = {
  requested: 'requested approval',
  reminded: 'sent a reminder',
  escalated: 'escalated',
  extended: 'extended the deadline',
  voided: 'approved earlier; void now',
  omitted: 'left out entries',
  alarm: 'raised an alarm',
};
