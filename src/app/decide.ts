/** Submits decisions from all channels to the orchestration. */
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import { contentHash } from '../approvals/index.js';
import {
  type AnalystDecision,
  type ApprovalRequest,
  type Decider,
  type DecisionOutcome,
  INBOX_EVENT,
  type RefusalCode,
  runOfRequest,
} from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
import { contentOf, isSameDecision } from '../domain/same-decision.js';
import type { Admitted } from './admission.js';
import type { Caller } from './auth/index.js';
import { caseOfRequest } from './cases.js';
import { clock, stopwatch } from './clock.js';
import { signDecision } from './decision-signing.js';
import { type IncidentInstances, type Instance, RUNNING } from './incident-instances.js';
import { recordRefusedDecision } from './record-refused-decision.js';
import { soleTenant } from './tenants.js';

/** A decision without its maker and time. Calls with the same `id` and content are the same decision. */
export type DecisionRequest = Omit<AnalystDecision, 'by' | 'at' | 'reason'> & {
  readonly reason?: string | undefined;
};

export type DecisionResult =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'evaluated';
      readonly decision: AnalystDecision;
      readonly outcome: DecisionOutcome;
      /** The request afterwards. */
      readonly request: ApprovalRequest;
    }
  /** The decision was submitted and is not evaluated yet. */
  | { readonly kind: 'pending'; readonly decision: AnalystDecision }
  /** The id belongs to an earlier, different decision. That one remains; this one was not evaluated. */
  | {
      readonly kind: 'reused';
      readonly message: string;
      readonly first: AnalystDecision;
      readonly request: ApprovalRequest;
    };
export type PersonDecider = Extract<Decider, { kind: 'person' }>;
type Evaluated = Extract<DecisionResult, { kind: 'evaluated' }>;

/** Real milliseconds that a caller waits for the evaluation, and the intervals between polls. */
const DECISION_WAIT_MS = 5_000;
const POLL_INTERVALS_MS = [20, 20, 20, 25, 25, 30, 30, 40, 40, 50, 60, 80];

export function deciderOf({ person, channel }: Extract<Caller, { kind: 'person' }>): PersonDecider {
  return {
    kind: 'person',
    ...ofTenant(person.tenantId),
    objectId: person.id,
    name: person.name,
    channel,
  };
}

/** With a single tenant, decisions do not name it: its people are the only ones who can sign in. */
export function ofTenant(tenantId: string | undefined): { readonly tenantId?: string } {
  return tenantId !== undefined && soleTenant() === undefined ? { tenantId } : {};
}

/**
 * Submits a decision to the orchestration and waits a short time for the outcome. The orchestration evaluates and audits
 * every decision. This function itself refuses only decisions that no orchestration can evaluate any more.
 * @param until stopwatch time by which the caller needs an answer, in milliseconds.
 */
export async function decide(
  instances: IncidentInstances,
  { reason, ...submitted }: DecisionRequest,
  by: Admitted,
  context: InvocationContext,
  until = stopwatch() + DECISION_WAIT_MS,
): Promise<DecisionResult> {
  const run = runOfRequest(submitted.requestId);
  if (run === undefined) return { kind: 'unknown' };
  const { instanceId, generation } = run;
  const [instance, found] = await Promise.all([
    instances.find(instanceId),
    caseOfRequest(instances, submitted.requestId),
  ]);
  if (found === undefined) return { kind: 'unknown' };
  const { file, request, problem } = found;
  const at = new Date(clock.now()).toISOString();
  const decision: AnalystDecision = { ...submitted, ...(reason ? { reason } : {}), by, at };
  const refused = async (code: RefusalCode, message: string): Promise<DecisionResult> => {
    await recordRefusedDecision(instances, decision, { code, message }, context);
    return { kind: 'evaluated', decision, outcome: { accepted: false, code, message }, request };
  };

  if (problem !== undefined) return refused('not-intact', `${problem.message} ${problem.next}`);
  const known = evaluatedIn(file, decision);
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
  const evaluated = await Promise.race([
    awaitEvaluation(instances, instance, decision, until),
    pause(Math.max(0, until - stopwatch()), undefined, { ref: false }),
  ]);
  if (evaluated !== undefined && evaluated !== 'ended') {
    return unlessReused(evaluated, decision, instances, context);
  }
  if (evaluated === undefined && running) return { kind: 'pending', decision };
  return refused('ended', ENDED);
}

const ENDED = 'The incident is no longer being handled; nothing was changed by this decision.';
const ANOTHER_RUN =
  'This request belongs to an earlier run of the incident, which has ended; nothing was changed by this decision.';

/** Polls for the outcome. `ended`: the orchestration has ended without evaluating the decision. */
async function awaitEvaluation(
  instances: IncidentInstances,
  { instanceId, status: before }: Instance,
  decision: AnalystDecision,
  until: number,
): Promise<Evaluated | 'ended' | undefined> {
  for (let poll = 0; stopwatch() < until; poll++) {
    await pause(POLL_INTERVALS_MS[poll] ?? 100);
    const instance = await instances.find(instanceId);
    const running = RUNNING.includes(instance?.runtimeStatus ?? '');
    const revision = instance?.status?.revision;
    // The status is small, and its revision shows whether the case file has changed.
    if (running && revision !== undefined && revision === before?.revision) continue;
    const file = (await caseOfRequest(instances, decision.requestId))?.file;
    const evaluated = file && evaluatedIn(file, decision);
    if (evaluated) return evaluated;
    // The orchestration's last update may not have reached the case file yet.
    if (!running && file !== undefined && file.revision >= (revision ?? 0)) return 'ended';
  }
  return undefined;
}

function evaluatedIn(file: CaseFile, decision: AnalystDecision): Evaluated | undefined {
  const evaluated = file.decisions.find((entry) => entry.decision.id === decision.id);
  const request = file.approvals.find(({ id }) => id === decision.requestId);
  if (evaluated === undefined || request === undefined) return undefined;
  return { kind: 'evaluated', decision: evaluated.decision, outcome: evaluated.outcome, request };
}

/** The orchestration accepts an id once. A different decision with a used id is recorded as a refused decision. */
async function unlessReused(
  evaluated: Evaluated,
  decision: AnalystDecision,
  instances: IncidentInstances,
  context: InvocationContext,
): Promise<DecisionResult> {
  const { decision: first, outcome, request } = evaluated;
  if (isSameDecision(first, decision)) return evaluated;
  const was = outcome.accepted ? 'accepted' : 'refused';
  const message = `Another decision (${first.kind}) with the same id was submitted before and ${was}. This one was not evaluated; nothing was changed by it.`;
  const id = `reused-${contentHash(contentOf(decision)).slice(0, 40)}`;
  await recordRefusedDecision(
    instances,
    { ...decision, id },
    { code: 'decision-id-reused', message },
    context,
  );
  return { kind: 'reused', message, first, request };
}
