/** Proofs that a machine is isolated, or released. */
import type { ActionContext, Confirmation } from '../../define.js';
import {
  actionNameOf,
  createdAt,
  hasSucceeded,
  isIsolation,
  isOpen,
  isRelease,
  type MachineAction,
  readIsolations,
  readMachineAction,
  summariseIsolation,
  updatedAt,
} from '../machines/machine-actions.js';
import { evidenceOf } from '../machines/machine-requests.js';
import type { IsolationOutput } from './isolation.js';
import { describeAction } from './isolation-requests.js';

/** Proves that the machine is fully isolated: the machine action succeeded, and no later one changed that. */
export async function confirmIsolation(output: IsolationOutput, ctx: ActionContext): Promise<Confirmation> {
  const { device, initiatedByUs } = output;
  const action = await readOwn(output, isIsolation, ctx);
  if (action === undefined) return unknownAction(output);
  if (initiatedByUs ? action.scope && !isFull(action) : !isFull(action)) {
    return { state: 'failed', reason: `${device} is not isolated fully: ${describeAction(action)}.` };
  }
  return confirmByAction(action, output, ctx, (other) => isRelease(other) || !isFull(other));
}

/** Proves that the machine is released. */
export async function confirmRelease(output: IsolationOutput, ctx: ActionContext): Promise<Confirmation> {
  const { machineId, device, machineActionId } = output;
  if (machineActionId === undefined) {
    const { inForce, openIsolations, lastRelease } = summariseIsolation(await readIsolations(machineId, ctx));
    const [other] = [...openIsolations, ...inForce];
    if (other) return { state: 'failed', reason: `${device} is isolated: ${describeAction(other)}.` };
    return {
      state: 'confirmed',
      proof: `No isolation of ${device} is in force.`,
      evidence: evidenceOf(lastRelease),
    };
  }
  const action = await readOwn(output, isRelease, ctx);
  return action === undefined ? unknownAction(output) : confirmByAction(action, output, ctx, isIsolation);
}

const isFull = ({ scope }: MachineAction) => scope?.toLowerCase() === 'full';

/** The machine action that the output names, if it is one of this machine and of this type. */
async function readOwn(
  { machineId, machineActionId }: IsolationOutput,
  isOfType: (action: MachineAction) => boolean,
  ctx: ActionContext,
): Promise<MachineAction | undefined> {
  if (machineActionId === undefined) return undefined;
  const action = await readMachineAction(machineActionId, ctx);
  return action.machineId === machineId && isOfType(action) ? action : undefined;
}

function unknownAction({ device, machineActionId }: IsolationOutput): Confirmation {
  return {
    state: 'failed',
    reason: `Machine action ${machineActionId ?? '(none)'} is not one of ${device}.`,
  };
}

async function confirmByAction(
  action: MachineAction,
  { machineId, device, initiatedByUs }: IsolationOutput,
  ctx: ActionContext,
  contradicts: (other: MachineAction) => boolean,
): Promise<Confirmation> {
  if (isOpen(action)) return { state: 'pending', status: `Machine action ${action.id} is ${action.status}.` };
  const name = actionNameOf(action);
  const others = await readIsolations(machineId, ctx);
  if (!hasSucceeded(action)) {
    const { inForce, openIsolations } = summariseIsolation(others);
    const [other] = isIsolation(action) ? [...openIsolations, ...inForce] : [];
    const also = other === undefined ? '' : ` But there is ${describeAction(other)}.`;
    const reason = `Machine action ${action.id} (${name}) ended as ${action.status}.${also}`;
    return { state: 'failed', reason };
  }
  const later = others.find(
    (other) => other.id !== action.id && contradicts(other) && supersedes(other, action),
  );
  if (later) return { state: 'failed', reason: `${device}: ${describeAction(later)}, followed later.` };
  const at = new Date(updatedAt(action)).toISOString();
  const by = initiatedByUs ? '' : `, requested by ${action.requestor || 'somebody'},`;
  return {
    state: 'confirmed',
    proof: `Machine action ${action.id} (${name}) of ${device}${by} was read back as Succeeded at ${at}; no later ${isIsolation(action) ? 'release' : 'isolation'} exists.`,
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
