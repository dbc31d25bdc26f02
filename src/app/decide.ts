/** The door for decisions, whatever channel they come through. */
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import { contentHash } from '../approvals/index.js';
import {
  type AnalystDecision,
  type ApprovalRequest,
  type Decider,
  INBOX_EVENT,
  type RefusalCode,
  runOfRequest,
  type Verdict,
} from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
import { contentOf, isSameDecision } from '../domain/same-decision.js';
import type { Admitted } from './admission.js';
import { caseOfRequest } from './cases.js';
import { clock, stopwatch } from './clock.js';
import { signDecision } from './decision-signing.js';
import { keepRefusal } from './door-refusals.js';
import { type Instance, type Instances, RUNNING } from './durable-client.js';
import type { Caller } from './sign-in/index.js';

/** A decision before it is known who made it and when. `id` lets a repeated call be the same decision. */
export type Wish = Omit<AnalystDecision, 'by' | 'at' | 'reason'> & { readonly reason?: string | undefined };

export type Decided =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'judged';
      readonly decision: AnalystDecision;
      readonly verdict: Verdict;
      /** The request afterwards. */
      readonly request: ApprovalRequest;
    }
  /** The orchestration has the decision and has not judged it yet. */
  | { readonly kind: 'pending'; readonly decision: AnalystDecision }
  /** The id was used before, for another decision: that one stands, this one was not looked at. */
  | {
      readonly kind: 'reused';
      readonly message: string;
      readonly first: AnalystDecision;
      readonly request: ApprovalRequest;
    };
export type PersonDecider = Extract<Decider, { kind: 'person' }>;
type Judged = Extract<Decided, { kind: 'judged' }>;

/** Real milliseconds that a caller waits for the orchestration's verdict, and between two looks. */
const PATIENCE = 5_000;
const LOOK_EVERY = [20, 20, 20, 25, 25, 30, 30, 40, 40, 50, 60, 80];

export function deciderOf({ person, channel }: Extract<Caller, { kind: 'person' }>): PersonDecider {
  return { kind: 'person', objectId: person.id, name: person.name, channel };
}

/**
 * Hands a decision to the orchestration and waits a little for its verdict, which is the one that counts: so that all
 * that came is audited, nothing is refused here but what has nobody left to judge it.
 * @param until by the stopwatch: when the caller must have an answer.
 */
export async function decide(
  instances: Instances,
  { reason, ...wish }: Wish,
  by: Admitted,
  context: InvocationContext,
  until = stopwatch() + PATIENCE,
): Promise<Decided> {
  const run = runOfRequest(wish.requestId);
  if (run === undefined) return { kind: 'unknown' };
  const { instanceId, generation } = run;
  const [instance, found] = await Promise.all([
    instances.find(instanceId),
    caseOfRequest(instances, wish.requestId),
  ]);
  if (found === undefined) return { kind: 'unknown' };
  const { file, request, trouble } = found;
  const at = new Date(clock.now()).toISOString();
  const decision: AnalystDecision = { ...wish, ...(reason ? { reason } : {}), by, at };
  const refused = async (code: RefusalCode, message: string): Promise<Decided> => {
    await keepRefusal(instances, decision, { code, message }, context);
    return { kind: 'judged', decision, verdict: { accepted: false, code, message }, request };
  };

  if (trouble !== undefined) return refused('not-intact', `${trouble.message} ${trouble.next}`);
  const known = judgedIn(file, decision);
  if (known) return unlessReused(known, decision, instances, context);
  if (instance?.status?.generation !== generation) return refused('ended', ANOTHER_RUN);
  const running = RUNNING.includes(instance.runtimeStatus);
  if (running) {
    const message = signDecision({
      kind: 'decision',
      instanceId,
      sequence: `${at} ${decision.id}`,
      decision,
    });
    await instances.raise(instanceId, INBOX_EVENT, message);
  }
  const judged = await Promise.race([
    verdictOn(instances, instance, decision, until),
    pause(Math.max(0, until - stopwatch()), undefined, { ref: false }),
  ]);
  if (judged !== undefined && judged !== 'ended') {
    return unlessReused(judged, decision, instances, context);
  }
  if (judged === undefined && running) return { kind: 'pending', decision };
  return refused('ended', ENDED);
}

const ENDED = 'The incident is no longer being handled; nothing was changed by this decision.';
const ANOTHER_RUN =
  'This was asked in an earlier handling of the incident, which is over; nothing was changed by this decision.';

/** What the orchestration makes of it; `ended`: it has ended, and judges nothing any more. */
async function verdictOn(
  instances: Instances,
  { instanceId, status: before }: Instance,
  decision: AnalystDecision,
  until: number,
): Promise<Judged | 'ended' | undefined> {
  for (let look = 0; stopwatch() < until; look++) {
    await pause(LOOK_EVERY[look] ?? 100);
    const instance = await instances.find(instanceId);
    const running = RUNNING.includes(instance?.runtimeStatus ?? '');
    const revision = instance?.status?.revision;
    // The status is small, and says whether there is anything new in the case file.
    if (running && revision !== undefined && revision === before?.revision) continue;
    const file = (await caseOfRequest(instances, decision.requestId))?.file;
    const judged = file && judgedIn(file, decision);
    if (judged) return judged;
    // What it wrote last may be on its way to the case file still.
    if (!running && file !== undefined && file.revision >= (revision ?? 0)) return 'ended';
  }
  return undefined;
}

function judgedIn(file: CaseFile, decision: AnalystDecision): Judged | undefined {
  const judged = file.decisions.find((entry) => entry.decision.id === decision.id);
  const request = file.approvals.find(({ id }) => id === decision.requestId);
  if (judged === undefined || request === undefined) return undefined;
  return { kind: 'judged', decision: judged.decision, verdict: judged.verdict, request };
}

/** The orchestration takes an id once: what came second under it is kept here, with what it said. */
async function unlessReused(
  judged: Judged,
  decision: AnalystDecision,
  instances: Instances,
  context: InvocationContext,
): Promise<Decided> {
  const { decision: first, verdict, request } = judged;
  if (isSameDecision(first, decision)) return judged;
  const was = verdict.accepted ? 'counted' : 'did not count';
  const message = `Another decision (${first.kind}) was sent with the same id before, and ${was}. This one was not looked at; nothing was changed by it.`;
  const id = `reused-${contentHash(contentOf(decision)).slice(0, 40)}`;
  await keepRefusal(instances, { ...decision, id }, { code: 'decision-id-reused', message }, context);
  return { kind: 'reused', message, first, request };
}
