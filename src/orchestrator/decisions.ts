import {
  type AnalystDecision,
  type ApprovalRequest,
  inboxMessageSchema,
  type JudgedDecision,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import type { ApprovalSubject } from './activities.js';
import { now, type Steps } from './durable.js';
import type { Handling } from './handling.js';
import { callWithRetries } from './retry.js';

const JUDGE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };
/** Whoever can raise events can raise many; the case file names that many of them. */
const MOST_UNSIGNED = 20;

export interface Counted {
  readonly judged: JudgedDecision;
  /** The requests that are different now. */
  readonly approvals: readonly ApprovalRequest[];
}

/** What decisions are judged by besides their requests. */
export interface Court {
  readonly tiers: readonly ApprovalTier[];
  readonly about: ApprovalSubject;
}

/**
 * Judges one message. Nothing follows from one that came before, or that no door of ours has signed; the caller
 * writes down what follows from all others.
 */
export function* judgeMessage(
  handling: Handling,
  { tiers, about }: Court,
  message: unknown,
): Steps<Counted | undefined> {
  const { ctx, record } = handling;
  const { approvals, decisions, outcome } = record.file;
  const parsed = inboxMessageSchema.safeParse(message);
  const id = parsed.data?.decision.id;
  if (decisions.some((judged) => judged.decision.id === id)) return undefined;
  const input = {
    message,
    instanceId: ctx.df.instanceId,
    approvals,
    tiers,
    about,
    ended: outcome !== undefined,
    now: now(ctx),
  };
  const result = parsed.success ? yield* callWithRetries(ctx, 'judgeDecision', input, JUDGE) : undefined;
  if (result !== undefined && !result.ok) {
    // One decision must not end the handling: it can be sent again, and so can others.
    record.add({ text: `A decision could not be judged, and did not count: ${result.error.message}` });
    return undefined;
  }
  const judged = result?.value.judged;
  if (result !== undefined && judged !== undefined) return { judged, approvals: result.value.approvals };
  const before = record.file.timeline.filter(({ text }) => text === UNSIGNED).length;
  if (before < MOST_UNSIGNED) record.add({ text: UNSIGNED });
  return undefined;
}

const UNSIGNED =
  'A message without a valid signature was ignored: it did not come through a door of the responder.';

const KINDS: Readonly<Record<AnalystDecision['kind'], string>> = {
  approve: 'approval',
  reject: 'rejection',
  extend: 'ask for more time',
  undo: 'undo',
};

/** A line for the timeline. */
export function describeJudged({ decision: { kind, by }, verdict }: JudgedDecision): string {
  const who = `The ${KINDS[kind]} by ${by.name} (${by.channel})`;
  return verdict.accepted ? `${who} counted. ${verdict.message}` : `${who} did not count: ${verdict.message}`;
}
