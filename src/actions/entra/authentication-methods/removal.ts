/** Removes an authentication method. https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { changeState } from '../../change-state.js';
import type { ActionContext, Confirmation, PrecheckResult, RunResult } from '../../define.js';
import { readMethods } from './methods.js';
import type { MethodInput } from './new-methods.js';

export const removalOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action removed it; false: it was gone before; unknown: this action or someone else did'),
  before: z
    .object({ method: z.string(), addedAt: z.string(), present: z.boolean() })
    .describe('The method as it was approved, and whether the user still had it'),
});
type RemovalOutput = z.infer<typeof removalOutputSchema>;

const words = (isPresent: boolean): string => (isPresent ? 'registered' : 'not registered');

/** A phone that is registered again has the same id, and another time. */
async function isPresent({ objectId, methodId, addedAt }: MethodInput, ctx: ActionContext): Promise<boolean> {
  const methods = await readMethods(objectId, ctx);
  return methods.some((one) => one.id === methodId && one.addedAt === addedAt);
}

export function removeMethod(
  input: MethodInput,
  ctx: ActionContext,
): Promise<RunResult<RemovalOutput> | PrecheckResult> {
  const { method, addedAt } = input;
  return changeState(
    {
      read: () => isPresent(input, ctx),
      isInForce: (present) => !present,
      words,
      send: () => send(input, ctx),
      output: (present, changed) => ({ changed, before: { method, addedAt, present } }),
    },
    ctx,
  );
}

async function send(input: MethodInput, ctx: ActionContext): Promise<{ readonly requestId?: string }> {
  const { objectId, collection, methodId } = input;
  const where = path`/v1.0/users/${objectId}/authentication/${collection}/${methodId}`;
  try {
    return await ctx.clients.graph.delete(where, { signal: ctx.signal });
  } catch (error) {
    if (!(error instanceof ResponderError)) throw error;
    if (error.info.httpStatus === 400) throw withDefaultHint(error);
    if (error.info.code !== 'not-found' || (await isPresent(input, ctx))) throw error;
    throw new ResponderError({ ...error.info, code: 'conflict', retry: 'check-before-retry' });
  }
}

/** Graph does not remove the default method of a user who has others. */
function withDefaultHint({ info }: ResponderError): ResponderError {
  return new ResponderError({
    ...info,
    next: "If it is the user's default method, choose another default in the Entra portal, and remove it by hand.",
  });
}

export async function confirmRemoved(input: MethodInput, ctx: ActionContext): Promise<Confirmation> {
  const { upn, objectId, method, methodId, addedAt } = input;
  const ofThisId = (await readMethods(objectId, ctx)).filter(({ id }) => id === methodId);
  const present = ofThisId.some((one) => one.addedAt === addedAt);
  const [again] = ofThisId.filter((one) => one.addedAt !== addedAt);
  const later = again ? ` The user registered another one at ${again.addedAt ?? 'an unknown time'}.` : '';
  const status = `${method}, added at ${addedAt}, was read back as ${words(present)} for ${upn} (${objectId}).${later}`;
  if (present) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { present: String(present) } };
}
