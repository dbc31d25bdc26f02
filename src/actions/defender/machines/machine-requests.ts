/** Sends machine actions, and recognises the responder's own by a mark in their comment. */
import { type ApiPath, path } from '../../../domain/builders/path.js';
import { clip } from '../../../domain/clip.js';
import type { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { sha256Hex } from '../../hash.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import {
  createdAt,
  isOpen,
  type MachineAction,
  machineActionSchema,
  readMachineActions,
} from './machine-actions.js';

/** The largest assumed difference between Defender's clock and ours. */
const CLOCK_SKEW_MS = 5 * 60_000;
const LONGEST_COMMENT = 200;

/** What Defender is asked to do with a machine. */
export interface MachineRequest {
  /** As Defender names it: `Isolate`. */
  readonly type: string;
  /** The last segment of the call's path: `isolate`. */
  readonly call: string;
  /** Parameters besides the comment; Defender compares their names with case. */
  readonly body?: Readonly<Record<string, string>>;
}

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

/** Names the incident, for those who read it in Defender. */
export function commentOf({ incident: { number } }: ActionContext, reference: string): string {
  return `Incident ${number ?? 'of Microsoft Sentinel'}, by sentinel-responder (${reference})`;
}

interface SendOptions {
  readonly machineId: string;
  /** The machine's actions, read before. */
  readonly before: readonly MachineAction[];
  readonly reference: string;
  /** Whether an action that someone else requested meanwhile has at least the approved effect. Default: it has. */
  readonly isEnough?: (action: MachineAction) => boolean;
  /** What is thrown if it has not. */
  readonly refuse?: (action: MachineAction) => ResponderError;
}
/** The responder's own action, or the open one of someone else that was there first. */
interface Sent {
  readonly state: 'requested' | 'already-in-progress';
  readonly action: MachineAction;
}

/**
 * Sends one request. If its response was lost, the actions that the machine did not have `before` show whether Defender
 * received it.
 * @throws ResponderError of the client, if the request was certainly refused or the actions cannot be read.
 */
export async function sendMachineAction(
  { type, call, body = {} }: MachineRequest,
  { machineId, before, reference, isEnough = () => true, refuse }: SendOptions,
  ctx: ActionContext,
): Promise<Sent> {
  const where = path`/api/machines/${machineId}/${call}`;
  try {
    const action = await postAction(where, { Comment: commentOf(ctx, reference), ...body }, ctx);
    return { state: 'requested', action };
  } catch (failure) {
    const after = await readAfterUnknownOutcome(failure, () => readMachineActions(machineId, [type], ctx));
    const added = after.filter((one) => before.every(({ id }) => id !== one.id));
    const own = added.find((action) => hasReference(action, reference));
    if (own) return { state: 'requested', action: own };
    const open = added.filter(isOpen);
    const action = open.find(isEnough);
    if (action) return { state: 'already-in-progress', action };
    throw (open[0] && refuse?.(open[0])) ?? failure;
  }
}

export async function postAction(where: ApiPath, body: object, ctx: ActionContext): Promise<MachineAction> {
  const { signal } = ctx;
  return (await ctx.clients.defender.post(where, body, machineActionSchema, { signal })).body;
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
