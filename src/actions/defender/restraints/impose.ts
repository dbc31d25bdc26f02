/** Restrains a machine, and ends that: reads the state first, and acts at most once. */
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext, RunResult } from '../../define.js';
import { isOpen, type MachineAction } from '../machines/machine-actions.js';
import {
  evidenceOf,
  hasReference,
  isOfThisDecision,
  referenceOf,
  sendMachineAction,
} from '../machines/machine-requests.js';
import type { MachineInput } from '../machines/machine-target.js';
import { oppositeActionInProgress } from './requests.js';
import { describeAction, isEnough, type Restraint, type RestraintOutput } from './restraint.js';
import { readState, stateName } from './state.js';

/**
 * Restrains a machine. A repeated request would create an action that hangs, and may take effect after a later release:
 * nothing is sent if a sufficient restraint is in force or in progress. It is not documented what Defender does with a
 * request for full isolation of a selectively isolated machine: that case is left to an analyst.
 * @throws ResponderError `lesser-isolation`, `opposite-action-in-progress`; those of the client.
 */
export async function impose(
  restraint: Restraint,
  input: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<RestraintOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const state = await readState(restraint, machineId, ctx);
  const result = resultOf(input, stateName(restraint, state), reference, ctx);
  const isSufficient = (action: MachineAction) => isEnough(restraint, action, reference);
  const [ending] = state.ending;
  if (ending) throw oppositeActionInProgress(restraint, ending);
  const present = state.inForce[0] ?? state.beginning.find(isSufficient) ?? state.beginning[0];
  if (present) {
    if (!isSufficient(present)) throw notEnough(restraint, present);
    return result(isOpen(present) ? 'already-in-progress' : 'already-done', present);
  }
  const refuse = (other: MachineAction) => notEnough(restraint, other);
  const sending = { machineId, before: state.actions, reference, isEnough: isSufficient, refuse };
  const sent = await sendMachineAction(restraint.begin, sending, ctx);
  const began = sent.state === 'requested' ? { began: true as const } : {};
  return { ...result(sent.state, sent.action), ...began };
}

/**
 * Ends every restraint of this type.
 * @throws ResponderError `opposite-action-in-progress`; those of the client.
 */
export async function lift(
  restraint: Restraint,
  input: MachineInput,
  ctx: ActionContext,
): Promise<RunResult<RestraintOutput>> {
  const { machineId } = input;
  const reference = await referenceOf(ctx);
  const state = await readState(restraint, machineId, ctx);
  const result = resultOf(input, stateName(restraint, state), reference, ctx);
  const [beginning] = state.beginning;
  if (beginning) throw oppositeActionInProgress(restraint, beginning);
  const [open] = state.ending;
  if (open) return result('already-in-progress', open);
  if (state.inForce.length === 0) return result('already-done', state.lastEnd);
  const sending = { machineId, before: state.actions, reference };
  const sent = await sendMachineAction(restraint.end, sending, ctx);
  return result(sent.state, sent.action);
}

/** An effect that is in force or in progress is attributed to this decision if its mark and its time prove that. */
function resultOf(
  { machineId, device }: MachineInput,
  before: string,
  reference: string,
  ctx: ActionContext,
): (state: RunResult<unknown>['state'], action: MachineAction | undefined) => RunResult<RestraintOutput> {
  return (state, action) => {
    const initiatedByUs = action !== undefined && hasReference(action, reference);
    const output = {
      machineId,
      device,
      ...(action ? { machineActionId: action.id } : {}),
      initiatedByUs,
      before,
    };
    const evidence = evidenceOf(action);
    // This decision requested it, so it was not in force before.
    if (initiatedByUs && isOfThisDecision(action, ctx))
      return { state: 'requested', output, evidence, began: true };
    return { state, output, evidence };
  };
}

function notEnough(restraint: Restraint, present: MachineAction): ResponderError {
  return new ResponderError({
    code: 'lesser-isolation',
    message: `The device is not ${restraint.words.approved}, as was approved: ${describeAction(restraint, present)}${present.scope ? '' : ', of an unknown kind'}.`,
    fault: 'caller',
    retry: isOpen(present) ? 'later' : 'no',
    next: 'Check in the Defender portal whether that is enough. Otherwise release the device there and isolate it as approved.',
  });
}
