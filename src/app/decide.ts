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
import { clock } from './clock.js';
import { signDecision } from './decision-signing.js';
import { type Instances, RUNNING } from './durable-client.js';
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
 */
export async function decide(
  instances: Instances,
  { reason, ...wish }: Wish,
  by: Decider,
  context: InvocationContext,
  patienceMs = PATIENCE,
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
  if (!RUNNING.includes(instance.runtimeStatus)) return ended(decision, request, context);

  const sequence = `${at} ${decision.id}`;
  const message = signDecision({ kind: 'decision', instanceId, sequence, decision });
  await instances.raise(instanceId, INBOX_EVENT, message);
  for (let waited = 0, look = 0; waited < patienceMs; look++) {
    const wait = LOOK_EVERY[look] ?? 100;
    await pause(wait);
    waited += wait;
    // The status is small, and says whether there is anything new in the case file.
    const status = (await instances.find(instanceId))?.status;
    if (status !== undefined && status.revision === instance.status?.revision) continue;
    const later = await instances.caseFile(instanceId);
    const judged = later && judgedIn(later, decision);
    if (judged) return judged;
    // An instance that has ended judges nothing any more; one whose incident is handled may still be asked to undo.
    if (
      later?.stage === 'ended' &&
      !RUNNING.includes((await instances.find(instanceId))?.runtimeStatus ?? '')
    ) {
      return ended(decision, request, context);
    }
  }
  return { kind: 'pending', decision };
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

/** The case file is closed; what is still said about it is kept in the log. */
function ended(decision: AnalystDecision, request: ApprovalRequest, context: InvocationContext): Decided {
  const { id, kind, requestId, by } = decision;
  const who = by.kind === 'person' ? by.objectId : by.id;
  context.warn(
    `A decision came after the end: ${JSON.stringify({ id, kind, requestId, who, channel: by.channel })}`,
  );
  const verdict: Verdict = {
    accepted: false,
    code: 'ended',
    message: 'The incident is no longer being handled; nothing was changed by this decision.',
  };
  return { kind: 'judged', decision, verdict, request };
}
