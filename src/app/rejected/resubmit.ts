/** What analysts do with a stored body: they submit it again, or drop it. Both are recorded with their name. */
import type { InvocationContext } from '@azure/functions';
import type { RejectedBody } from '../../domain/rejected-body.js';
import type { RejectedDelivery } from '../../intake/index.js';
import { clock } from '../clock.js';
import type { PersonDecider } from '../decide.js';
import { type Received, receiveBody } from '../deliveries.js';
import { casesOf } from '../visible-cases.js';
import { unpackContent } from './content.js';
import { RejectedBodies } from './rejected-bodies.js';

const MOST_RESULTS = 20;

/**
 * Recognises the content again and accepts it. A newer version, or another configuration, may understand what was rejected.
 * Undefined if the content was dropped. @throws Error if the durable extension is unavailable.
 */
export async function resubmit(
  id: string,
  { content, submittedBy, alsoSubmittedBy = [], trigger, owner, count: seen }: RejectedBody,
  by: PersonDecider,
  context: InvocationContext,
): Promise<readonly [Received, ...Received[]] | undefined> {
  if (content === undefined) return undefined;
  // A person who submits an incident cannot decide about it: neither the people who sent the body nor this analyst.
  const senders = [submittedBy, ...alsoSubmittedBy].filter((one) => one?.kind === 'person');
  const analyst = { kind: 'person' as const, id: by.objectId, name: by.name };
  const [sender = analyst, ...others] = [...senders, analyst].filter((one) => one !== undefined);
  const body = await unpackContent(content);
  const received = await receiveBody(body, trigger, context, {
    submittedBy: sender,
    alsoSubmittedBy: others,
    // The triggers of the app serve all tenants: only a body with a submitter is bound to the tenant of that one.
    ...(owner !== undefined && 'tenantId' in owner ? { submitterTenant: owner.tenantId } : {}),
  });
  const rejection = received.find((item): item is RejectedDelivery => item.kind === 'rejected');
  const results = received.slice(0, MOST_RESULTS).map((item) => ('code' in item ? item.code : item.kind));
  const changes =
    rejection === undefined
      ? { state: 'resubmitted' as const }
      : { state: 'open' as const, ...reasonOf(rejection) };
  context.warn(`${id} was submitted again by ${by.objectId}: ${results.join(', ')}.`);
  const bodies = new RejectedBodies(context, casesOf(by));
  await bodies.record(id, actionOf('resubmit', by, results), { changes, seen });
  return received;
}

export async function drop(id: string, by: PersonDecider, context: InvocationContext): Promise<void> {
  context.warn(`${id} was dropped by ${by.objectId}.`);
  await new RejectedBodies(context, casesOf(by)).drop(id, actionOf('drop', by, []));
}

function actionOf(kind: 'resubmit' | 'drop', { objectId, name }: PersonDecider, results: string[]) {
  return { kind, at: new Date(clock.now()).toISOString(), by: { id: objectId, name }, results };
}

function reasonOf({ code, reason, next, path }: RejectedDelivery) {
  return { code, reason, next, path };
}
