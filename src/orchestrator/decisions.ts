import { type AnalystDecision, inboxMessageSchema, type Verdict } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { isoTime, type Steps } from './durable.js';
import type { Handling } from './handling.js';
import { callWithRetries } from './retry.js';

const JUDGE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };

/**
 * Judges one message and keeps it in the case file, whatever the verdict. Returns the decision if it counts; the
 * caller acts on it. A message that came before, or that is no decision, changes nothing.
 */
export function* judgeMessage(handling: Handling, message: unknown): Steps<AnalystDecision | undefined> {
  const { record } = handling;
  const parsed = inboxMessageSchema.safeParse(message);
  if (!parsed.success) {
    record.add({ text: 'A message that is not a decision was ignored.' });
    return undefined;
  }
  const { decision } = parsed.data;
  if (record.file.decisions.some((judged) => judged.decision.id === decision.id)) return undefined;
  const verdict = yield* judge(handling, decision);
  const who = `${decision.by.name} (${decision.by.channel})`;
  const what = decision.kind === 'approve' ? 'approval' : 'rejection';
  record.add({
    text: verdict.accepted
      ? `The ${what} by ${who} was accepted.`
      : `The ${what} by ${who} did not count: ${verdict.message}`,
    decisions: [{ decision, verdict }],
  });
  return verdict.accepted ? decision : undefined;
}

function* judge({ ctx, record }: Handling, decision: AnalystDecision): Steps<Verdict> {
  const { plan, approval, decisions, outcome } = record.file;
  if (plan === undefined || approval === undefined) {
    return { accepted: false, code: 'ended', message: 'Nothing is waiting for a decision on this incident.' };
  }
  const judged = yield* callWithRetries(
    ctx,
    'judgeDecision',
    { decision, plan, approval, earlier: decisions, ended: outcome !== undefined, now: isoTime(ctx) },
    JUDGE,
  );
  if (!judged.ok) throw new ResponderError(judged.error);
  return judged.value.verdict;
}
