/** What people say to an instance: judged in an activity, and written down whatever came of it. */
import {
  type AnalystDecision,
  type ApprovalRequest,
  inboxMessageSchema,
  type JudgedDecision,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
import type { ApprovalSubject } from './activities.js';
import { now } from './durable.js';
import type { Handling } from './handling.js';
import { Group, Line, type Process } from './process.js';
import { callWithRetries } from './retry.js';

const JUDGE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };
/** Whoever can raise events can raise many; the case file names that many of them. */
const MOST_UNSIGNED = 20;

/** What decisions are judged by, and what becomes of them. */
export interface Hearing {
  readonly tiers: readonly ApprovalTier[];
  readonly about: ApprovalSubject;
  /** What is said about one request, and what time does to it, is looked at one after the other. */
  line(requestId: string): Line;
  /** Takes the requests that a decision changed. */
  changeRequests(approvals: readonly ApprovalRequest[]): void;
}

/** Once nothing can be decided any more it does not matter who may decide. */
export function closedHearing(about: ApprovalSubject): Hearing {
  const line = new Line();
  return { tiers: [], about, line: () => line, changeRequests: () => undefined };
}

/** Judges every message as it comes, each on its own course: none waits for those about another request. */
export function* hear(
  handling: Handling,
  hearing: Hearing,
  over: () => boolean,
  until?: number,
): Process<void> {
  const group = new Group();
  group.start(
    (function* () {
      for (;;) {
        const next = yield* handling.waiting.nextMessage(over, until);
        if (next === undefined) return;
        group.start(judgeMessage(handling, hearing, next.message));
      }
    })(),
  );
  yield* group.run();
}

/** Nothing follows from a message that came before, or that no door of ours has signed. */
function* judgeMessage(handling: Handling, hearing: Hearing, message: unknown): Process<void> {
  const { record } = handling;
  const parsed = inboxMessageSchema.safeParse(message);
  if (!parsed.success) {
    noteUnsigned(handling);
    return;
  }
  const { decision } = parsed.data;
  try {
    yield* hearing.line(decision.requestId).alone(() => judge(handling, hearing, message, decision));
  } catch (thrown) {
    // One decision must not end the handling: it can be sent again, and so can others.
    const reason = cleanErrorText(toErrorInfo(thrown).message);
    record.add({ text: `A decision could not be judged, and did not count: ${reason}` });
  }
}

function* judge(
  handling: Handling,
  hearing: Hearing,
  message: unknown,
  { id, requestId }: AnalystDecision,
): Process<void> {
  const { ctx, waiting, record } = handling;
  const { tiers, about } = hearing;
  for (;;) {
    const { approvals, decisions, outcome } = record.file;
    if (decisions.some((judged) => judged.decision.id === id)) return;
    const stateOf = () => record.file.approvals.find((request) => request.id === requestId)?.state;
    const before = stateOf();
    const result = yield* callWithRetries(
      waiting,
      'judgeDecision',
      {
        message,
        instanceId: ctx.df.instanceId,
        approvals,
        tiers,
        about,
        ended: outcome !== undefined,
        now: now(ctx),
      },
      JUDGE,
    );
    // It was judged by what is no longer so: another decision found that the incident was closed.
    if (stateOf() !== before) continue;
    if (!result.ok) {
      record.add({ text: `A decision could not be judged, and did not count: ${result.error.message}` });
      return;
    }
    const { judged } = result.value;
    if (judged === undefined) {
      noteUnsigned(handling);
      return;
    }
    // A decision changes its own request. Of others it can only have found that they are past.
    hearing.changeRequests(
      result.value.approvals.filter((request) => request.id === requestId || request.state === 'superseded'),
    );
    record.add({ text: describeJudged(judged), decisions: [judged] });
    return;
  }
}

function noteUnsigned({ record }: Handling): void {
  const before = record.file.timeline.filter(({ text }) => text === UNSIGNED).length;
  if (before < MOST_UNSIGNED) record.add({ text: UNSIGNED });
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
function describeJudged({ decision: { kind, by }, verdict }: JudgedDecision): string {
  const who = `The ${KINDS[kind]} by ${by.name} (${by.channel})`;
  return verdict.accepted ? `${who} counted. ${verdict.message}` : `${who} did not count: ${verdict.message}`;
}
