/** Automated investigations. https://learn.microsoft.com/defender-endpoint/api/investigation */
import { z } from 'zod';
import { odata, path } from '../../../domain/builders/path.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, Confirmation, PrecheckResult, RunResult } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { commentOf, referenceOf } from '../machines/machine-requests.js';
import type { MachineInput } from '../machines/machine-target.js';

const investigationSchema = z.looseObject({
  id: z.coerce.string().min(1),
  state: z.string(),
  machineId: z.string(),
  startTime: z.string().nullish(),
});
const listSchema = odataListSchema(investigationSchema);
type Investigation = z.infer<typeof investigationSchema>;

export const investigationOutputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  investigationId: z.string(),
});
type Output = z.infer<typeof investigationOutputSchema>;

/** Not begun, or waiting: for a device that is offline, for a free place. */
const WAITING = ['queued', 'pendingresource', 'unknown'];
const UNDER_WAY = [...WAITING, 'running', 'pendingapproval'];
/** It ran to an end. */
const ENDED = ['successfullyremediated', 'benign', 'partiallyremediated', 'partiallyinvestigated'];
const is = (states: readonly string[], { state }: Investigation): boolean =>
  states.includes(state.toLowerCase());

/**
 * Starts an investigation unless one is under way: alerts and findings join that one. Investigations do not name who started
 * them: those that exist are in the history before anything is sent.
 */
export async function investigate(
  input: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<Output> | PrecheckResult> {
  const { machineId, device } = input;
  const all = await readInvestigations(machineId, ctx);
  const result = (state: RunResult<unknown>['state'], { id, state: its, startTime }: Investigation) => ({
    state,
    output: { machineId, device, investigationId: id },
    evidence: { investigationId: id, state: its, ...(startTime ? { startedAt: startTime } : {}) },
  });
  const [recent] = all.filter((one) => is(UNDER_WAY, one) || (startedSince(ctx, one) && is(ENDED, one)));
  if (recent) {
    // The precheck found none: an attempt of this response started it, or someone else since.
    if (ctx.prechecked) return { ...result('requested', recent), began: true };
    return result(is(UNDER_WAY, recent) ? 'already-in-progress' : 'already-done', recent);
  }
  if (!ctx.prechecked) return { state: 'prechecked', evidence: { before: `${all.length} ended` } };
  const body = { Comment: commentOf(ctx, await referenceOf(ctx)) };
  const where = path`/api/machines/${machineId}/startInvestigation`;
  const { signal } = ctx;
  try {
    const started = await ctx.clients.defender.post(where, body, investigationSchema, { signal });
    return { ...result('requested', started.body), began: true };
  } catch (error) {
    const after = await readAfterUnknownOutcome(error, () => readInvestigations(machineId, ctx));
    const added = after.find(({ id }) => all.every((one) => one.id !== id));
    if (added === undefined) throw error;
    return { ...result('requested', added), began: true };
  }
}

/** Proves that the investigation was started. What it finds is its own. */
export async function confirmInvestigation(
  { machineId, device, investigationId }: Output,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { signal } = ctx;
  const where = path`/api/investigations/${investigationId}`;
  const { body } = await ctx.clients.defender.get(where, investigationSchema, { signal });
  const state = visible(body.state);
  if (body.machineId !== machineId) {
    return { state: 'failed', reason: `Investigation ${body.id} is not one of ${device}.` };
  }
  if (is(WAITING, body)) {
    return {
      state: 'pending',
      status: `Investigation ${body.id} of ${device} is ${state}: it has not begun.`,
    };
  }
  if (!is(UNDER_WAY, body) && !is(ENDED, body)) {
    return { state: 'failed', reason: `Investigation ${body.id} of ${device} ended as ${state}.` };
  }
  const proof = `Investigation ${body.id} of ${device} was read back as ${state}.`;
  return { state: 'confirmed', proof, evidence: { investigationId: body.id, state } };
}

/** The newest first. */
async function readInvestigations(machineId: string, ctx: ActionContext): Promise<Investigation[]> {
  const { signal } = ctx;
  const where = path`/api/investigations?$filter=${odata`machineId eq ${machineId}`}`;
  const { body } = await ctx.clients.defender.get(where, listSchema, { signal });
  return completeList(body, 'Defender for Endpoint')
    .filter((one) => one.machineId === machineId)
    .sort((a, b) => startedAt(b) - startedAt(a));
}

const startedAt = ({ startTime }: Investigation): number => Date.parse(startTime ?? '') || 0;
const startedSince = ({ decidedAt }: ActionContext, one: Investigation): boolean =>
  startedAt(one) >= decidedAt;
