/** What proves that a machine is isolated, released, or given back as it was found. */
import type { ActionContext, Confirmation } from '../define.js';
import { evidenceOf, GOALS, type IsolationOutput, opposite, type Want } from './isolation.js';
import {
  createdAt,
  hasSucceeded,
  isOpen,
  isolationOf,
  type MachineAction,
  readIsolations,
  readMachineAction,
  updatedAt,
} from './machine-actions.js';

/** Proves that the machine is in the wanted state: the machine action succeeded, and nothing came after it. */
export async function confirmIsolation(
  want: Want,
  { machineId, device, machineActionId }: IsolationOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const { words, reached } = GOALS[want];
  if (machineActionId === undefined) {
    const { state, by } = isolationOf(await readIsolations(machineId, ctx));
    if (state === reached) {
      return {
        state: 'confirmed',
        proof: `No ${opposite(want)} of ${device} is in force.`,
        evidence: evidenceOf(by),
      };
    }
    return { state: 'failed', reason: `${device} is ${state} by machine action ${by?.id ?? 'unknown'}.` };
  }
  const action = await readMachineAction(machineActionId, ctx);
  if (isOpen(action)) return { state: 'pending', status: `Machine action ${action.id} is ${action.status}.` };
  if (!hasSucceeded(action)) {
    return { state: 'failed', reason: `Machine action ${action.id} (${words}) ended as ${action.status}.` };
  }
  const others = (await readIsolations(machineId, ctx)).filter(
    ({ type }) => type !== want && isOpposite(type),
  );
  const later = others.find((other) => cancels(other, action));
  if (later) {
    const reason = `${device}: ${opposite(want)} ${later.id} (${later.status}, ${later.creationDateTimeUtc}) came later.`;
    return { state: 'failed', reason };
  }
  const at = new Date(updatedAt(action)).toISOString();
  return {
    state: 'confirmed',
    proof: `Machine action ${action.id} (${scopeOf(action)}${words}) of ${device} was read back as Succeeded at ${at}; no later ${opposite(want)} exists.`,
    evidence: evidenceOf(action),
  };
}

const scopeOf = ({ scope }: MachineAction) => (scope ? `${scope.toLowerCase()} ` : '');
const isOpposite = (type: string) => type === 'Isolate' || type === 'Unisolate';

/** An action under way may take effect at any moment; a finished one counts by when it was asked for or took effect. */
function cancels(other: MachineAction, action: MachineAction): boolean {
  if (isOpen(other)) return true;
  return (
    hasSucceeded(other) && (createdAt(other) >= createdAt(action) || updatedAt(other) > updatedAt(action))
  );
}

/** After undoing: the isolation is gone, or it was never ours to end. */
export async function confirmUndoneIsolation(
  { machineId, device, machineActionId, ours }: IsolationOutput,
  ctx: ActionContext,
): Promise<Confirmation> {
  if (!ours) return { state: 'confirmed', proof: `${device} was left as it had been found.`, evidence: {} };
  const actions = await readIsolations(machineId, ctx);
  const { state, by } = isolationOf(actions);
  if (state === 'releasing')
    return { state: 'pending', status: `Machine action ${by?.id} is ${by?.status}.` };
  if (state !== 'not-isolated' && by?.id === machineActionId) {
    return { state: 'failed', reason: `${device} is still ${state} by machine action ${by?.id}.` };
  }
  const own = actions.find(({ id }) => id === machineActionId);
  const proof =
    state === 'not-isolated'
      ? own?.status === 'Cancelled'
        ? `Isolation ${own.id} of ${device} was read back as Cancelled, and none is in force.`
        : `Release ${by?.id} of ${device} was read back as Succeeded.`
      : `${device} is ${state} by a newer machine action (${by?.id}) of somebody else.`;
  return { state: 'confirmed', proof, evidence: evidenceOf(by) };
}
