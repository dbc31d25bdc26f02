/** What proves that a machine is isolated, or released. */
import type { ActionContext, Confirmation } from '../define.js';
import type { IsolationOutput } from './isolation.js';
import { describe, evidenceOf } from './isolation-requests.js';
import {
  createdAt,
  hasSucceeded,
  isIsolation,
  isOpen,
  isolationOf,
  isRelease,
  type MachineAction,
  nameOf,
  readIsolations,
  readMachineAction,
  updatedAt,
} from './machine-actions.js';

/** Proves that the machine is isolated fully: the machine action succeeded, and nothing came after it. */
export async function confirmIsolation(output: IsolationOutput, ctx: ActionContext): Promise<Confirmation> {
  const { device, ours } = output;
  const action = await readOwn(output, isIsolation, ctx);
  if (action === undefined) return unknownAction(output);
  if (ours ? action.scope && !isFull(action) : !isFull(action)) {
    return { state: 'failed', reason: `${device} is not isolated fully: ${describe(action)}.` };
  }
  return provedBy(action, output, ctx, (other) => isRelease(other) || !isFull(other));
}

/** Proves that the machine is released. */
export async function confirmRelease(output: IsolationOutput, ctx: ActionContext): Promise<Confirmation> {
  const { machineId, device, machineActionId } = output;
  if (machineActionId === undefined) {
    const { inForce, openIsolations, lastRelease } = isolationOf(await readIsolations(machineId, ctx));
    const [other] = [...openIsolations, ...inForce];
    if (other) return { state: 'failed', reason: `${device} is isolated: ${describe(other)}.` };
    return {
      state: 'confirmed',
      proof: `No isolation of ${device} is in force.`,
      evidence: evidenceOf(lastRelease),
    };
  }
  const action = await readOwn(output, isRelease, ctx);
  return action === undefined ? unknownAction(output) : provedBy(action, output, ctx, isIsolation);
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

async function provedBy(
  action: MachineAction,
  { machineId, device, ours }: IsolationOutput,
  ctx: ActionContext,
  isAgainstIt: (other: MachineAction) => boolean,
): Promise<Confirmation> {
  if (isOpen(action)) return { state: 'pending', status: `Machine action ${action.id} is ${action.status}.` };
  const name = nameOf(action);
  const others = await readIsolations(machineId, ctx);
  if (!hasSucceeded(action)) {
    const { inForce, openIsolations } = isolationOf(others);
    const [other] = isIsolation(action) ? [...openIsolations, ...inForce] : [];
    const also = other === undefined ? '' : ` But there is ${describe(other)}.`;
    const reason = `Machine action ${action.id} (${name}) ended as ${action.status}.${also}`;
    return { state: 'failed', reason };
  }
  const later = others.find(
    (other) => other.id !== action.id && isAgainstIt(other) && cancels(other, action),
  );
  if (later) return { state: 'failed', reason: `${device}: ${describe(later)}, came later.` };
  const at = new Date(updatedAt(action)).toISOString();
  const by = ours ? '' : `, requested by ${action.requestor || 'somebody'},`;
  return {
    state: 'confirmed',
    proof: `Machine action ${action.id} (${name}) of ${device}${by} was read back as Succeeded at ${at}; no later ${isIsolation(action) ? 'release' : 'isolation'} exists.`,
    evidence: evidenceOf(action),
  };
}

/** An action under way may take effect at any moment; a finished one counts by when it was asked for or took effect. */
function cancels(other: MachineAction, action: MachineAction): boolean {
  if (isOpen(other)) return true;
  return (
    hasSucceeded(other) && (createdAt(other) >= createdAt(action) || updatedAt(other) > updatedAt(action))
  );
}
