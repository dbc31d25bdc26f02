/** Keeps what a door refused. The door answers all the same where that does not work: then the log has it. */
import type { InvocationContext } from '@azure/functions';
import { runOfRequest } from '../domain/approval.js';
import { doorRefusalOf, type RefusedDecision } from '../domain/door-refusals.js';
import { cleanErrorText } from '../domain/error-text.js';
import { caseOfRequest } from './cases.js';
import { clock } from './clock.js';
import type { Instances } from './durable-client.js';

/** Only for callers that are proved: what nobody stands for is not worth room in a case file. */
export async function keepRefusal(
  instances: Instances,
  decision: RefusedDecision,
  why: { readonly code: string; readonly message: string },
  context: InvocationContext,
): Promise<void> {
  const refusal = doorRefusalOf(decision, why, new Date(clock.now()).toISOString());
  const { code, id, kind, requestId, revision, by } = refusal;
  const who = by?.kind === 'person' ? by.objectId : by?.id;
  const facts = { code, id, kind, requestId, revision, who, channel: by?.channel };
  context.warn(`A decision was refused at the door: ${JSON.stringify(facts)}`);
  const run = runOfRequest(requestId);
  if (run === undefined) return;
  try {
    // A signal to an entity that is not there would make one.
    if ((await caseOfRequest(instances, requestId)) === undefined) return;
    await instances.keepDoorRefusal(run, refusal);
  } catch (error) {
    const text = error instanceof Error ? error.message : 'no reason given';
    context.error(`What a door refused could not be kept: ${cleanErrorText(text)}`);
  }
}
