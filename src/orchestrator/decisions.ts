import {
  type AnalystDecision,
  type ApprovalRequest,
  inboxMessageSchema,
  type Verdict,
} from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { now, type Steps } from './durable.js';
import type { Handling } from './handling.js';
import { callWithRetries } from './retry.js';

const JUDGE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };

export interface Counted {
  readonly approval: ApprovalRequest;
  /** Ids of the steps that may be carried out now. */
  readonly approved: readonly string[];
}

/**
 * Judges one message and keeps it in the case file, whatever the verdict. Returns what follows from it; nothing
 * follows from a message that came before, that is no decision, or that came when nothing was asked.
 */
export function* judgeMessage(handling: Handling, message: unknown): Steps<Counted | undefined> {
  const { ctx, record } = handling;
  const parsed = inboxMessageSchema.safeParse(message);
  if (!parsed.success) {
    record.add({ text: 'A message that is not a decision was ignored.' });
    return undefined;
  }
  const { decision } = parsed.data;
  const { approval, decisions, outcome } = record.file;
  if (decisions.some((judged) => judged.decision.id === decision.id)) return undefined;
  if (approval === undefined) {
    keep(handling, decision, NOTHING_ASKED);
    return undefined;
  }
  const judged = yield* callWithRetries(
    ctx,
    'judgeDecision',
    { decision, approval, judged: decisions, ended: outcome !== undefined, now: now(ctx) },
    JUDGE,
  );
  if (!judged.ok) throw new ResponderError(judged.error);
  keep(handling, decision, judged.value.verdict);
  return judged.value;
}

const NOTHING_ASKED: Verdict = {
  accepted: false,
  code: 'ended',
  message: 'Nothing waits for a decision on this incident.',
};

function keep({ record }: Handling, decision: AnalystDecision, verdict: Verdict): void {
  const who = `${decision.by.name} (${decision.by.channel})`;
  const what = decision.kind === 'approve' ? 'approval' : 'rejection';
  record.add({
    text: verdict.accepted
      ? `The ${what} by ${who} was accepted.`
      : `The ${what} by ${who} did not count: ${verdict.message}`,
    decisions: [{ decision, verdict }],
  });
}
