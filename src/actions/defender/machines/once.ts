/** A machine action that happens and leaves nothing in force: a scan, a collected package. */
import { z } from 'zod';
import { ResponderError } from '../../../domain/errors.js';
import { type ActionContext, type Confirmation, irreversible, type RunResult } from '../../define.js';
import type { MachineEffect } from './machine-action.js';
import {
  hasSucceeded,
  isOpen,
  type MachineAction,
  readMachineAction,
  readMachineActions,
  updatedAt,
} from './machine-actions.js';
import {
  evidenceOf,
  hasReference,
  isOfThisDecision,
  type MachineRequest,
  referenceOf,
  sendMachineAction,
} from './machine-requests.js';
import type { MachineInput } from './machine-target.js';
import { waitingFor } from './waiting-for.js';

const outputSchema = z.object({
  machineId: z.string(),
  device: z.string(),
  machineActionId: z.string(),
  initiatedByUs: z.boolean().describe('This incident requested it; false: someone else did'),
});
type Output = z.infer<typeof outputSchema>;

export interface OnceOptions extends MachineRequest {
  /** For the proof: `antivirus scan`. */
  readonly noun: string;
  /** Whether an action that someone else requested, and that is still in progress, has at least this effect. */
  covers(action: MachineAction): boolean;
  /** Why there is no undo. */
  readonly noUndo: string;
}

/**
 * Requests the action once for each decision. One that is in progress is not requested again: Defender would refuse it.
 * An action that ended before the decision does not count.
 */
export function once(options: OnceOptions): MachineEffect<Output> {
  return {
    output: outputSchema,
    run: (input, ctx) => run(options, input, ctx),
    confirm: (_input, output, ctx) => confirm(options, output, ctx),
    undo: irreversible(options.noUndo),
    captures: [],
  };
}

async function run(
  options: OnceOptions,
  input: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<Output>> {
  const { covers } = options;
  const { machineId, device } = input;
  const reference = await referenceOf(ctx);
  const before = await readMachineActions(machineId, [options.type], ctx);
  const result = (state: RunResult<unknown>['state'], action: MachineAction): RunResult<Output> => {
    const initiatedByUs = hasReference(action, reference);
    const output = { machineId, device, machineActionId: action.id, initiatedByUs };
    return { state, output, evidence: evidenceOf(action) };
  };
  const own = before.find((action) => hasReference(action, reference) && isOfThisDecision(action, ctx));
  if (own) return result('requested', own);
  const open = before.find(isOpen);
  if (open && !covers(open)) throw lesserAction(options, open);
  if (open) return result('already-in-progress', open);
  const refuse = (other: MachineAction) => lesserAction(options, other);
  const sending = { machineId, before, reference, isEnough: covers, refuse };
  const { state, action } = await sendMachineAction(options, sending, ctx);
  return result(state, action);
}

function lesserAction({ noun }: OnceOptions, open: MachineAction): ResponderError {
  return new ResponderError({
    code: 'lesser-action-in-progress',
    message: `The device has another ${noun} in progress, with less effect than was approved (machine action ${open.id}).`,
    fault: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}

async function confirm(
  { type, noun }: OnceOptions,
  { machineId, device, machineActionId, initiatedByUs }: Output,
  ctx: ActionContext,
): Promise<Confirmation> {
  const action = await readMachineAction(machineActionId, ctx);
  const { id, status } = action;
  if (action.machineId !== machineId || action.type !== type) {
    return { state: 'failed', reason: `Machine action ${id} is not the ${noun} of ${device}.` };
  }
  if (isOpen(action)) {
    const yet = status === 'Pending' ? 'it has not begun' : 'it has not ended';
    return { state: 'pending', status: await waitingFor(action, yet, ctx) };
  }
  if (!hasSucceeded(action)) {
    return { state: 'failed', reason: `Machine action ${id} (${noun}) ended as ${status}.` };
  }
  const at = new Date(updatedAt(action)).toISOString();
  const by = initiatedByUs ? '' : `, requested by ${action.requestor || 'somebody'},`;
  const proof = `Machine action ${id} (${noun}) of ${device}${by} was read back as Succeeded at ${at}.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(action) };
}
