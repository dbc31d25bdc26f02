/** What is asked of Defender, and how it is known again as ours. */
import { path } from '../../domain/builders/path.js';
import { clip } from '../../domain/clip.js';
import { ResponderError } from '../../domain/errors.js';
import type { ActionContext } from '../define.js';
import { sha256Hex } from '../hash.js';
import { readAfterLostAnswer } from '../lost-answer.js';
import {
  createdAt,
  isOpen,
  isRelease,
  type MachineAction,
  machineActionSchema,
  nameOf,
  readMachineAction,
} from './machine-actions.js';

/** Defender's clock and ours may differ by so much. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
const LONGEST_COMMENT = 200;

/** By this mark in its comment a machine action is known as this incident's, also after an answer was lost. */
export async function referenceOf({ idempotencyKey }: ActionContext): Promise<string> {
  return `ref ${(await sha256Hex(idempotencyKey)).slice(0, 16)}`;
}

export function hasReference({ requestorComment }: MachineAction, reference: string): boolean {
  return requestorComment?.includes(reference) ?? false;
}

/** Whether it was asked for since this was decided; an earlier run of the same incident has the same mark. */
export function isOfThisDecision(action: MachineAction, { askedAt }: ActionContext): boolean {
  return createdAt(action) >= askedAt - CLOCKS_DIFFER_MS;
}

function commentOf({ incident: { number } }: ActionContext, reference: string): string {
  return `Incident ${number ?? 'of Microsoft Sentinel'}, by sentinel-responder (${reference})`;
}

/** https://learn.microsoft.com/defender-endpoint/api/isolate-machine */
export async function requestIsolation(
  machineId: string,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const body = { Comment: commentOf(ctx, reference), IsolationType: 'Full' };
  const where = path`/api/machines/${machineId}/isolate`;
  const { signal } = ctx;
  return (await ctx.clients.defender.post(where, body, machineActionSchema, { signal })).body;
}

/** https://learn.microsoft.com/defender-endpoint/api/unisolate-machine */
export async function requestRelease(
  machineId: string,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const body = { Comment: commentOf(ctx, reference) };
  const where = path`/api/machines/${machineId}/unisolate`;
  const { signal } = ctx;
  return (await ctx.clients.defender.post(where, body, machineActionSchema, { signal })).body;
}

/** https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action */
export async function cancel(
  open: MachineAction,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const Comment = `Undone by sentinel-responder (${reference})`;
  try {
    const where = path`/api/machineactions/${open.id}/cancel`;
    const { signal } = ctx;
    return (await ctx.clients.defender.post(where, { Comment }, machineActionSchema, { signal })).body;
  } catch (error) {
    // Just then it came to its end: the next attempt sees how, and releases the device if it must.
    if (error instanceof ResponderError && error.info.httpStatus === 400) throw underWay(open);
    const after = await readAfterLostAnswer(error, () => readMachineAction(open.id, ctx));
    if (isOpen(after)) throw error;
    return after;
  }
}

export function evidenceOf(action: MachineAction | undefined): Record<string, string> {
  if (!action) return {};
  const { id, type, status, scope, requestor, requestorComment, creationDateTimeUtc } = action;
  return {
    machineActionId: id,
    type,
    status,
    ...(scope ? { scope } : {}),
    ...(requestor ? { requestor } : {}),
    ...(requestorComment ? { comment: clip(requestorComment, LONGEST_COMMENT) } : {}),
    requestedAt: creationDateTimeUtc,
  };
}

/** Names a machine action of somebody else for people. */
export function describe(action: MachineAction): string {
  const { id, status, requestor, creationDateTimeUtc } = action;
  return `machine action ${id} (${nameOf(action)}, ${status}), requested by ${requestor || 'somebody'} at ${creationDateTimeUtc}`;
}

/** An action of the opposite kind that has not ended may take effect after ours. */
export function underWay(action: MachineAction): ResponderError {
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has ${isRelease(action) ? 'a release' : 'an isolation'} under way (machine action ${action.id}).`,
    blame: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
