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
import { isSameDecision } from '../domain/same-decision.js';
import type { ApprovalSubject } from './activities.js';
import { now } from './durable.js';
import type { Handling } from './handling.js';
import { Group, Line, type Process } from './process.js';
import { callWithRetries } from './retry.js';

const JUDGE = { attempts: 8, firstMs: 1_000, longestMs: 60_000 };
/** Anybody who can raise events can raise many; the case file names that many of each kind. */
const MOST_IGNORED = 20;

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
    noteIgnored(handling, UNSIGNED);
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
  decision: AnalystDecision,
): Process<void> {
  const { ctx, waiting, record } = handling;
  const { tiers, about } = hearing;
  const { requestId } = decision;
  const ofThisId = () => record.file.decisions.find((judged) => judged.decision.id === decision.id);
  for (;;) {
    const first = ofThisId()?.decision;
    if (first !== undefined) {
      if (!isSameDecision(first, decision)) noteIgnored(handling, ID_USED);
      return;
    }
    const { approvals, outcome } = record.file;
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
    // It was judged by what is no longer so: another decision found that the incident was closed, or has its id.
    if (stateOf() !== before || ofThisId() !== undefined) continue;
    if (!result.ok) {
      record.add({ text: `A decision could not be judged, and did not count: ${result.error.message}` });
      return;
    }
    const { judged } = result.value;
    if (judged === undefined) {
      noteIgnored(handling, UNSIGNED);
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

function noteIgnored({ record }: Handling, text: string): void {
  const before = record.file.timeline.filter((entry) => entry.text === text).length;
  if (before < MOST_IGNORED) record.add({ text });
}

const UNSIGNED =
  'A message without a valid signature was ignored: it did not come through a door of the responder.';
const ID_USED =
  'A decision with the id of another one, and another content, was not looked at; nothing was changed by it.';

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
