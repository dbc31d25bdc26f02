/** Proofs that a machine is restrained, or no longer is. */
import type { ActionContext, Confirmation } from '../../define.js';
import {
  createdAt,
  hasSucceeded,
  isOpen,
  type MachineAction,
  readMachineAction,
  updatedAt,
} from '../machines/machine-actions.js';
import { evidenceOf } from '../machines/machine-requests.js';
import { waitingFor } from '../machines/waiting-for.js';
import {
  begins,
  describeAction,
  ends,
  hasEnough,
  nameOf,
  type Restraint,
  type RestraintOutput,
} from './restraint.js';
import { type RestraintState, readState } from './state.js';

/** Proves that the restraint has the approved effect: its action succeeded, and no later one changed that. */
export async function confirmImposed(
  restraint: Restraint,
  output: RestraintOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { device, initiatedByUs } = output;
  const { words } = restraint;
  const action = await readOwn(output, (one) => begins(restraint, one), ctx);
  if (action === undefined) return unknownAction(output);
  const isEnough = hasEnough(restraint, action);
  if (initiatedByUs ? action.scope && !isEnough : !isEnough) {
    const reason = `${device} is not ${words.approved}: ${describeAction(restraint, action)}.`;
    return { state: 'failed', reason };
  }
  if (isOpen(action)) {
    return {
      state: 'pending',
      status: await waitingFor(action, `${device} is not ${words.inForce} yet`, ctx),
    };
  }
  const state = await readState(restraint, output.machineId, ctx);
  if (!hasSucceeded(action)) {
    const [other] = [...state.beginning, ...state.inForce];
    const also =
      other === undefined
        ? ` ${device} is not ${words.inForce}.`
        : ` But there is ${describeAction(restraint, other)}.`;
    return { state: 'failed', reason: `${ended(restraint, action)}${also}` };
  }
  return proofOf(
    restraint,
    action,
    output,
    state,
    (other) => ends(restraint, other) || !hasEnough(restraint, other),
  );
}

/** Proves that no restraint is in force. */
export async function confirmLifted(
  restraint: Restraint,
  output: RestraintOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { machineId, device, machineActionId } = output;
  const { words } = restraint;
  if (machineActionId === undefined) {
    const { inForce, beginning, lastEnd } = await readState(restraint, machineId, ctx);
    const [other] = [...beginning, ...inForce];
    if (other) {
      const reason = `${device} is ${words.inForce}: ${describeAction(restraint, other)}.`;
      return { state: 'failed', reason };
    }
    const proof = `No ${words.begin} of ${device} is in force.`;
    return { state: 'confirmed', proof, evidence: evidenceOf(lastEnd) };
  }
  const action = await readOwn(output, (one) => ends(restraint, one), ctx);
  if (action === undefined) return unknownAction(output);
  if (isOpen(action)) {
    return { state: 'pending', status: await waitingFor(action, `${device} is still ${words.inForce}`, ctx) };
  }
  if (!hasSucceeded(action)) return { state: 'failed', reason: ended(restraint, action) };
  const state = await readState(restraint, machineId, ctx);
  return proofOf(restraint, action, output, state, (other) => begins(restraint, other));
}

/** The machine action that the output names, if it is one of this machine and of this type. */
async function readOwn(
  { machineId, machineActionId }: RestraintOutput,
  isOfType: (action: MachineAction) => boolean,
  ctx: ActionContext,
): Promise<MachineAction | undefined> {
  if (machineActionId === undefined) return undefined;
  const action = await readMachineAction(machineActionId, ctx);
  return action.machineId === machineId && isOfType(action) ? action : undefined;
}

function unknownAction({ device, machineActionId }: RestraintOutput): Confirmation {
  return {
    state: 'failed',
    reason: `Machine action ${machineActionId ?? '(none)'} is not one of ${device}.`,
  };
}

const ended = (restraint: Restraint, action: MachineAction): string =>
  `Machine action ${action.id} (${nameOf(restraint, action)}) ended as ${action.status}.`;

function proofOf(
  restraint: Restraint,
  action: MachineAction,
  { device, initiatedByUs }: RestraintOutput,
  { actions }: RestraintState,
  contradicts: (other: MachineAction) => boolean,
): Confirmation {
  const later = actions.find(
    (other) => other.id !== action.id && contradicts(other) && supersedes(other, action),
  );
  if (later) {
    return { state: 'failed', reason: `${device}: ${describeAction(restraint, later)}, followed later.` };
  }
  const at = new Date(updatedAt(action)).toISOString();
  const by = initiatedByUs ? '' : `, requested by ${action.requestor || 'somebody'},`;
  const { words } = restraint;
  return {
    state: 'confirmed',
    proof: `Machine action ${action.id} (${nameOf(restraint, action)}) of ${device}${by} was read back as Succeeded at ${at}; no later ${begins(restraint, action) ? words.end : words.begin} exists.`,
    evidence: evidenceOf(action),
  };
}

/** An action in progress may take effect at any moment; a finished one counts by the time of its request or effect. */
function supersedes(other: MachineAction, action: MachineAction): boolean {
  if (isOpen(other)) return true;
  return (
    hasSucceeded(other) && (createdAt(other) >= createdAt(action) || updatedAt(other) > updatedAt(action))
  );
}
