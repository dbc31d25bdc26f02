/** Decisions that an instance receives. An activity evaluates each of them, and the case file records every outcome. */
import {
  type AnalystDecision,
  type ApprovalRequest,
  type EvaluatedDecision,
  inboxMessageSchema,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import { isSameDecision } from '../domain/same-decision.js';
import type { ConflictContext } from './activities.js';
import { now } from './durable.js';
import { endIn, endNoticed, type IncidentEnd } from './incident-facts.js';
import { callWithRetries } from './retry.js';
import { Group, Mutex, type Process } from './scheduler.js';
import type { RunScope } from './scope.js';

const EVALUATE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };
/** Anyone who can raise events can raise many. The timeline lists at most this many of each kind. */
const MOST_IGNORED = 20;

/** What is needed to evaluate decisions and to apply them. */
export interface DecisionContext {
  /** The tiers of the request's plan. */
  tiersOf(requestId: string): readonly ApprovalTier[];
  readonly conflictContext: ConflictContext;
  /** Decisions about one request, and its timeouts, are processed one after the other. */
  mutex(requestId: string): Mutex;
  /** Stores the requests that a decision changed. */
  changeRequests(approvals: readonly ApprovalRequest[]): void;
  /** A decision or a deadline has found that the incident is over. @param mergedInto key of the target, if it is known */
  noticeEnd(because: IncidentEnd, mergedInto?: string): void;
}

/** The context of an incident without open requests: every decision is refused, so approvers do not matter. */
export function closedContext(conflictContext: ConflictContext): DecisionContext {
  const mutex = new Mutex();
  const nothing = () => undefined;
  return {
    tiersOf: () => [],
    conflictContext,
    mutex: () => mutex,
    changeRequests: nothing,
    noticeEnd: nothing,
  };
}

/** Evaluates each message in its own process: a decision does not wait for decisions about other requests. */
export function* receiveDecisions(
  scope: RunScope,
  context: DecisionContext,
  shouldStop: () => boolean,
  until?: number,
): Process<void> {
  const group = new Group();
  group.start(
    (function* () {
      for (;;) {
        yield* scope.inbox.receive(() => scope.inbox.hasDecision || shouldStop(), until);
        if (!scope.inbox.hasDecision) return;
        group.start(evaluateMessage(scope, context, scope.inbox.takeDecision()));
      }
    })(),
  );
  yield* group.run();
}

/** Ignores duplicates, and messages that no channel of the responder has signed. */
function* evaluateMessage(scope: RunScope, context: DecisionContext, message: unknown): Process<void> {
  const { record } = scope;
  const parsed = inboxMessageSchema.safeParse(message);
  if (!parsed.success) {
    noteIgnored(scope, UNSIGNED);
    return;
  }
  const { decision } = parsed.data;
  try {
    yield* context.mutex(decision.requestId).runExclusive(() => evaluate(scope, context, message, decision));
  } catch (thrown) {
    // One failed decision must not end the handling of the incident: it can be sent again.
    const reason = cleanErrorText(toErrorInfo(thrown).message);
    record.add({ text: `A decision could not be evaluated and was refused: ${reason}` });
  }
}

function* evaluate(
  scope: RunScope,
  context: DecisionContext,
  message: unknown,
  decision: AnalystDecision,
): Process<void> {
  const { ctx, waiting, record } = scope;
  const tiers = context.tiersOf(decision.requestId);
  const { requestId } = decision;
  const recorded = () => record.file.decisions.find((evaluated) => evaluated.decision.id === decision.id);
  for (;;) {
    const first = recorded()?.decision;
    if (first !== undefined) {
      if (!isSameDecision(first, decision)) noteIgnored(scope, ID_USED);
      return;
    }
    const { approvals, outcome } = record.file;
    const stateOf = () => record.file.approvals.find((request) => request.id === requestId)?.state;
    const before = stateOf();
    const result = yield* callWithRetries(
      waiting,
      'evaluateDecision',
      {
        message,
        instanceId: ctx.df.instanceId,
        approvals,
        tiers,
        conflictContext: context.conflictContext,
        updates: scope.inbox.unverified,
        ended: outcome !== undefined,
        now: now(ctx),
      },
      EVALUATE,
    );
    // The evaluation is outdated: another decision closed this request, or had the same id.
    if (stateOf() !== before || recorded() !== undefined) continue;
    if (!result.ok) {
      record.add({ text: `A decision could not be evaluated and was refused: ${result.error.message}` });
      return;
    }
    const { evaluated } = result.value;
    if (evaluated === undefined) {
      noteIgnored(scope, UNSIGNED);
      return;
    }
    // A decision changes its own request only. It may also find that the incident was closed, which supersedes all.
    const changed = result.value.approvals.filter(
      (request) => request.id === requestId || request.state === 'superseded',
    );
    context.changeRequests(changed);
    const end = endIn(changed);
    if (end !== undefined) context.noticeEnd(end, result.value.mergedInto);
    const text = describeDecision(evaluated);
    record.add({ text, decisions: [evaluated], changes: endNoticed(changed) });
    return;
  }
}

export function noteIgnored({ record }: RunScope, text: string): void {
  const before = record.file.timeline.filter((entry) => entry.text === text).length;
  if (before < MOST_IGNORED) record.add({ text });
}

export const UNSIGNED =
  'A message without a valid signature was ignored: it was not sent through a channel of the responder.';
const ID_USED = 'A decision that reuses the id of another decision, with different content, was ignored.';

const KINDS: Readonly<Record<AnalystDecision['kind'], string>> = {
  approve: 'approval',
  reject: 'rejection',
  extend: 'request for more time',
  undo: 'undo',
};

/** A line for the timeline. */
function describeDecision({ decision: { kind, by }, outcome }: EvaluatedDecision): string {
  const who = `The ${KINDS[kind]} by ${by.name} (${by.channel})`;
  return outcome.accepted
    ? `${who} was accepted. ${outcome.message}`
    : `${who} was refused: ${outcome.message}`;
}
