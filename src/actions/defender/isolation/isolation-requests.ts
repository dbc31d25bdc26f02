/** Requests to Defender, and the mark by which the responder recognises its own machine actions. */
import { path } from '../../../domain/builders/path.js';
import { clip } from '../../../domain/clip.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { sha256Hex } from '../../hash.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import {
  actionNameOf,
  createdAt,
  isOpen,
  isRelease,
  type MachineAction,
  machineActionSchema,
  readMachineAction,
} from '../machines/machine-actions.js';

/** The largest assumed difference between Defender's clock and ours. */
const CLOCK_SKEW_MS = 5 * 60_000;
const LONGEST_COMMENT = 200;

/** This mark in its comment identifies a machine action as this incident's, also after a lost response. */
export async function referenceOf({ idempotencyKey }: ActionContext): Promise<string> {
  return `ref ${(await sha256Hex(idempotencyKey)).slice(0, 16)}`;
}

export function hasReference({ requestorComment }: MachineAction, reference: string): boolean {
  return requestorComment?.includes(reference) ?? false;
}

/** Whether it was requested since the decision; an earlier run of the same incident has the same mark. */
export function isOfThisDecision(action: MachineAction, { decidedAt }: ActionContext): boolean {
  return createdAt(action) >= decidedAt - CLOCK_SKEW_MS;
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
    // The action ended meanwhile: the next attempt reads the result, and releases the device if necessary.
    if (error instanceof ResponderError && error.info.httpStatus === 400)
      throw oppositeActionInProgress(open);
    const after = await readAfterUnknownOutcome(error, () => readMachineAction(open.id, ctx));
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

/** Describes a machine action of someone else for an analyst. */
export function describeAction(action: MachineAction): string {
  const { id, status, requestor, creationDateTimeUtc } = action;
  return `machine action ${id} (${actionNameOf(action)}, ${status}), requested by ${requestor || 'somebody'} at ${creationDateTimeUtc}`;
}

/** An action of the opposite kind that has not ended may take effect after this one. */
export function oppositeActionInProgress(action: MachineAction): ResponderError {
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has ${isRelease(action) ? 'a release' : 'an isolation'} in progress (machine action ${action.id}).`,
    fault: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
