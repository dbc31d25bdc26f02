/** What is said about a machine action that has not ended: it has no effect yet, and the device may be offline. */
import { visible } from '../../../domain/visible.js';
import type { ActionContext } from '../../define.js';
import { createdAt, type MachineAction } from './machine-actions.js';
import { findMachineById } from './machines.js';

/** A connected device fetches its actions within minutes. */
const FETCHED_WITHIN_MS = 5 * 60_000;
/** https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network */
const KEPT_FOR = 'Defender keeps the action for up to three days';

/**
 * `Machine action 75bb… is Pending: ws-1 is not isolated yet.` If the device has not fetched it for some minutes, also
 * when Defender last saw it.
 * @param yet what is true as long as the action has no effect, as a clause.
 */
export async function waitingFor(action: MachineAction, yet: string, ctx: ActionContext): Promise<string> {
  const { id, status, machineId } = action;
  const status_ = `Machine action ${id} is ${status}: ${yet}`;
  if (status !== 'Pending' || ctx.clock.now() - createdAt(action) < FETCHED_WITHIN_MS) return `${status_}.`;
  const machine = await findMachineById(machineId, ctx);
  const health = machine?.healthStatus ? `, with the health ${visible(machine.healthStatus)}` : '';
  const seen = machine?.lastSeen
    ? `Defender last saw the device at ${visible(machine.lastSeen)}${health}`
    : '';
  const why = 'the device has not fetched the action, and may be offline';
  return `${status_}: ${why}. ${seen === '' ? '' : `${seen}. `}${KEPT_FOR}.`;
}
