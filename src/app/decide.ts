/** The door for decisions, whatever channel they come through. */
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import {
  type AnalystDecision,
  type ApprovalRequest,
  type Decider,
  INBOX_EVENT,
  instanceIdOfRequest,
  type Verdict,
} from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
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
  | { readonly kind: 'pending'; readonly decision: AnalystDecision };

/** Real milliseconds that a caller waits for the orchestration's verdict, and between two looks. */
const PATIENCE = 5_000;
const LOOK_EVERY = [20, 20, 20, 25, 25, 30, 30, 40, 40, 50, 60, 80];

export function deciderOf({ person, channel }: Extract<Caller, { kind: 'person' }>): Decider {
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
  by: Decider,
  context: InvocationContext,
  until = stopwatch() + PATIENCE,
): Promise<Decided> {
  const instanceId = instanceIdOfRequest(wish.requestId);
  if (instanceId === undefined) return { kind: 'unknown' };
  const [instance, file] = await Promise.all([instances.find(instanceId), instances.caseFile(instanceId)]);
  const request = file?.approvals.find(({ id }) => id === wish.requestId);
  if (instance === undefined || file === undefined || request === undefined) return { kind: 'unknown' };
  const at = new Date(clock.now()).toISOString();
  const decision: AnalystDecision = { ...wish, ...(reason ? { reason } : {}), by, at };

  const known = judgedIn(file, decision);
  if (known) return known;
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
  if (judged !== undefined && judged !== 'ended') return judged;
  if (judged === undefined && running) return { kind: 'pending', decision };
  await keepRefusal(instances, decision, ENDED, context);
  return { kind: 'judged', decision, verdict: { accepted: false, ...ENDED }, request };
}

const ENDED = {
  code: 'ended',
  message: 'The incident is no longer being handled; nothing was changed by this decision.',
} as const;

/** What the orchestration makes of it; `ended`: it has ended, and judges nothing any more. */
async function verdictOn(
  instances: Instances,
  { instanceId, status: before }: Instance,
  decision: AnalystDecision,
  until: number,
): Promise<Extract<Decided, { kind: 'judged' }> | 'ended' | undefined> {
  for (let look = 0; stopwatch() < until; look++) {
    await pause(LOOK_EVERY[look] ?? 100);
    const instance = await instances.find(instanceId);
    const running = RUNNING.includes(instance?.runtimeStatus ?? '');
    const revision = instance?.status?.revision;
    // The status is small, and says whether there is anything new in the case file.
    if (running && revision !== undefined && revision === before?.revision) continue;
    const file = await instances.caseFile(instanceId);
    const judged = file && judgedIn(file, decision);
    if (judged) return judged;
    // What it wrote last may be on its way to the case file still.
    if (!running && file !== undefined && file.revision >= (revision ?? 0)) return 'ended';
  }
  return undefined;
}

function judgedIn(
  file: CaseFile,
  decision: AnalystDecision,
): Extract<Decided, { kind: 'judged' }> | undefined {
  const judged = file.decisions.find((entry) => entry.decision.id === decision.id);
  const request = file.approvals.find(({ id }) => id === decision.requestId);
  if (judged === undefined || request === undefined) return undefined;
  return { kind: 'judged', decision: judged.decision, verdict: judged.verdict, request };
}
