/** Records refused decisions. If recording fails, the channel still answers, and the log has the details. */
import type { InvocationContext } from '@azure/functions';
import { runOfRequest } from '../domain/approval.js';
import { cleanErrorText } from '../domain/error-text.js';
import { refusedDecisionOf, type SubmittedDecision } from '../domain/refused-decisions.js';
import { caseOfRequest } from './cases.js';
import { clock } from './clock.js';
import type { IncidentInstances } from './incident-instances.js';

/** Call it only for authenticated submissions: unauthenticated ones are not stored in case files. */
export async function recordRefusedDecision(
  instances: IncidentInstances,
  decision: SubmittedDecision,
  why: { readonly code: string; readonly message: string },
  context: InvocationContext,
): Promise<void> {
  const refusal = refusedDecisionOf(decision, why, new Date(clock.now()).toISOString());
  const { code, id, kind, requestId, revision, by } = refusal;
  const who = by?.kind === 'person' ? by.objectId : by?.id;
  const facts = { code, id, kind, requestId, revision, who, channel: by?.channel };
  context.warn(`A decision was refused on submission: ${JSON.stringify(facts)}`);
  const run = runOfRequest(requestId);
  if (run === undefined) return;
  try {
    // A signal to a non-existent entity would create it.
    if ((await caseOfRequest(instances, requestId)) === undefined) return;
    await instances.recordRefusedDecision(run, refusal);
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown error';
    context.error(`A refused decision could not be stored: ${cleanErrorText(text)}`);
  }
}
