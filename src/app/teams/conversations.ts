/** The service URLs that Teams announces in its activities, stored in a durable entity. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { cleanErrorText } from '../../domain/error-text.js';
import { ResponderError, toErrorInfo } from '../../domain/errors.js';
import type { Sealer } from '../../domain/sealed.js';
import { sealer } from '../sealing.js';
import type { CardPlace } from './card-token.js';

/** Entity names are lower case. */
export const CONVERSATIONS_ENTITY = 'conversations';
const OPERATION = 'learn';

/** One entity for each tenant: an address that one announces must not receive the cards of another. */
function entityOf(tenantId: string): df.EntityId {
  return new df.EntityId(CONVERSATIONS_ENTITY, tenantId);
}

/** The context that its sealed messages are bound to. */
function aboutOf(key: string) {
  const instanceId = `${CONVERSATIONS_ENTITY}-${key}`;
  return { purpose: 'conversation', instanceId, generation: 1, sequence: 0 } as const;
}
const MOST_CHANNELS = 500;

const conversationSchema = z.object({
  channelId: z.string().max(200).optional(),
  teamId: z.string().max(200).optional(),
  serviceUrl: z.string().max(500),
  /** False: the app was removed from the team. */
  installed: z.boolean(),
  /** ISO 8601, UTC. */
  at: z.string(),
});
export type Conversation = z.infer<typeof conversationSchema>;

const stateSchema = z.object({
  /** From the latest activity anywhere in the tenant. */
  serviceUrl: z.string(),
  /** By channel or team. */
  places: z.record(z.string(), conversationSchema),
});
type State = z.infer<typeof stateSchema>;

/** Accepts only messages that the app sealed: a forged address would redirect cards and their answers. */
export function conversationsEntity(open: Sealer['open']): (context: df.EntityContext<State>) => void {
  return (context) => {
    const { df: entity } = context;
    const opened = open(entity.getInput<unknown>(), aboutOf(entity.entityKey));
    const update = opened.ok ? conversationSchema.safeParse(opened.content) : undefined;
    if (entity.operationName !== OPERATION || !update?.success) {
      context.error('Alarm: an update of the Teams service URL was not sent by the app.');
      return;
    }
    entity.setState(withConversation(entity.getState(), update.data));
  };
}

function withConversation(before: State | undefined, update: Conversation): State {
  const place = update.channelId ?? update.teamId ?? 'tenant';
  const { [place]: _, ...others } = before?.places ?? {};
  const kept = Object.entries(others).slice(-(MOST_CHANNELS - 1));
  return { serviceUrl: update.serviceUrl, places: { ...Object.fromEntries(kept), [place]: update } };
}

/** Stores the service URL. Call it only with the content of a verified activity. */
export async function learn(
  context: InvocationContext,
  tenantId: string,
  conversation: Conversation,
): Promise<void> {
  const id = entityOf(tenantId);
  const sealed = sealer.seal(conversation, aboutOf(id.key));
  await df.getClient(context).signalEntity(id, OPERATION, sealed);
}

/**
 * The service URL for a channel, or from the latest activity; undefined if no activity has arrived yet.
 * @throws ResponderError `storage-unavailable`: retry the call
 */
export async function serviceUrlOf(
  context: InvocationContext,
  { tenantId, channelId }: CardPlace,
): Promise<string | undefined> {
  const found = await read(context, entityOf(tenantId));
  const state = stateSchema.safeParse(found.entityState);
  return found.entityExists && state.success
    ? (state.data.places[channelId]?.serviceUrl ?? state.data.serviceUrl)
    : undefined;
}

/** A host that is stopping breaks the connection to its own extension; the next one reads it. */
async function read(context: InvocationContext, id: df.EntityId): Promise<df.EntityStateResponse<unknown>> {
  try {
    return await df.getClient(context).readEntityState<unknown>(id);
  } catch (thrown) {
    throw new ResponderError({
      code: 'storage-unavailable',
      message: `The durable extension could not be read: ${cleanErrorText(toErrorInfo(thrown).message)}`,
      fault: 'service',
      retry: 'later',
    });
  }
}
