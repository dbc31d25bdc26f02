/** The door for decisions, whatever channel they come through. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { judge } from '../approvals/index.js';
import {
  type AnalystDecision,
  analystDecisionSchema,
  INBOX_EVENT,
  type InboxMessage,
  type Verdict,
} from '../domain/approval.js';
import { clock } from './clock.js';
import { type Instances, RUNNING } from './durable-client.js';

/** What an analyst sends. `id` lets a repeated call be the same decision. */
export const decisionRequestSchema = analystDecisionSchema
  .pick({ kind: true, planHash: true, reason: true })
  .extend({ id: z.string().min(1).max(100).optional(), steps: z.array(z.string().max(500)).max(500) });
export type DecisionRequest = z.infer<typeof decisionRequestSchema>;

export type Decided =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'judged'; readonly decision: AnalystDecision; readonly verdict: Verdict }
  /** The orchestration has the decision and has not judged it yet. */
  | { readonly kind: 'pending'; readonly decision: AnalystDecision };

/** Real milliseconds that a caller waits for the orchestration's verdict, and between two looks. */
const PATIENCE = 5_000;
const LOOK_EVERY = 60;

/**
 * Hands a decision to the orchestration and waits a little for its verdict. What the case file already tells to be
 * wrong is refused at once; the orchestration judges everything else, and its verdict is the one that counts.
 */
export async function decide(
  instances: Instances,
  instanceId: string,
  request: DecisionRequest,
  by: AnalystDecision['by'],
): Promise<Decided> {
  const [instance, file] = await Promise.all([instances.find(instanceId), instances.caseFile(instanceId)]);
  if (instance === undefined || file?.approval === undefined) return { kind: 'unknown' };
  const { id = randomUUID(), reason, ...rest } = request;
  const now = clock.now();
  const at = new Date(now).toISOString();
  const decision: AnalystDecision = { id, ...rest, ...(reason ? { reason } : {}), by, at };
  const ended = file.outcome !== undefined || !RUNNING.includes(instance.runtimeStatus);
  const known = file.decisions.some((judged) => judged.decision.id === id);
  const verdict = judge(file.approval, decision, { now, ended, judged: file.decisions });
  if (known || !verdict.accepted) return { kind: 'judged', decision, verdict };

  const message: InboxMessage = { kind: 'decision', sequence: `${at} ${id}`, decision };
  await instances.raise(instanceId, INBOX_EVENT, message);
  for (let waited = 0; waited < PATIENCE; waited += LOOK_EVERY) {
    await pause(LOOK_EVERY);
    const later = await instances.caseFile(instanceId);
    const judged = later?.decisions.find((entry) => entry.decision.id === id);
    if (judged) return { kind: 'judged', decision, verdict: judged.verdict };
    if (later?.stage === 'ended') {
      return {
        kind: 'judged',
        decision,
        verdict: judge(file.approval, decision, { now, ended: true, judged: [] }),
      };
    }
  }
  return { kind: 'pending', decision };
}
