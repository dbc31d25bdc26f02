/** Where Teams wants to be spoken to, as it told itself: kept in a durable entity. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';

/** Entity names are lower case. */
export const CONVERSATIONS_ENTITY = 'conversations';
const ID = new df.EntityId(CONVERSATIONS_ENTITY, 'teams');
const OPERATION = 'learn';
const MOST_CHANNELS = 500;

const conversationSchema = z.object({
  channelId: z.string().max(200).optional(),
  teamId: z.string().max(200).optional(),
  serviceUrl: z.string().max(500),
  /** False: the app was taken out of the team. */
  installed: z.boolean(),
  /** ISO 8601, UTC. */
  at: z.string(),
});
export type Conversation = z.infer<typeof conversationSchema>;

const stateSchema = z.object({
  /** Of the last activity from anywhere in the tenant. */
  serviceUrl: z.string(),
  /** By channel or team. */
  places: z.record(z.string(), conversationSchema),
});
type State = z.infer<typeof stateSchema>;

export function conversationsEntity(context: df.EntityContext<State>): void {
  const { df: entity } = context;
  const told = conversationSchema.safeParse(entity.getInput<unknown>());
  if (entity.operationName !== OPERATION || !told.success) {
    context.warn('What was told about a conversation was not understood.');
    return;
  }
  const before = entity.getState();
  const place = told.data.channelId ?? told.data.teamId ?? 'tenant';
  const { [place]: _, ...others } = before?.places ?? {};
  const kept = Object.entries(others).slice(-(MOST_CHANNELS - 1));
  entity.setState({
    serviceUrl: told.data.serviceUrl,
    places: { ...Object.fromEntries(kept), [place]: told.data },
  });
}

/** Only for what a verified activity said. */
export async function learn(context: InvocationContext, conversation: Conversation): Promise<void> {
  await df.getClient(context).signalEntity(ID, OPERATION, conversation);
}

/** The address for a channel, or of the last activity; undefined when Teams has never been heard. */
export async function serviceUrlOf(
  context: InvocationContext,
  channelId: string,
): Promise<string | undefined> {
  const found = await df.getClient(context).readEntityState<unknown>(ID);
  const state = stateSchema.safeParse(found.entityState);
  return found.entityExists && state.success
    ? (state.data.places[channelId]?.serviceUrl ?? state.data.serviceUrl)
    : undefined;
}
