/** Cancels a machine action that no device has fetched, and refuses to act against one that is under way. */
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import { isOpen, type MachineAction, readMachineAction } from '../machines/machine-actions.js';
import { postAction } from '../machines/machine-requests.js';
import { nameOf, type Restraint } from './restraint.js';

/** https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action */
export async function cancel(
  restraint: Restraint,
  open: MachineAction,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  // The device is carrying it out: its effect may come all the same.
  if (open.status !== 'Pending') throw oppositeActionInProgress(restraint, open);
  const Comment = `Undone by sentinel-responder (${reference})`;
  try {
    return await postAction(path`/api/machineactions/${open.id}/cancel`, { Comment }, ctx);
  } catch (error) {
    // The action ended meanwhile: the next attempt reads the result, and ends its effect if necessary.
    if (error instanceof ResponderError && error.info.httpStatus === 400)
      throw oppositeActionInProgress(restraint, open);
    const after = await readAfterUnknownOutcome(error, () => readMachineAction(open.id, ctx));
    if (isOpen(after)) throw error;
    return after;
  }
}

/** An action of the opposite kind that has not ended may take effect after this one. */
export function oppositeActionInProgress(restraint: Restraint, action: MachineAction): ResponderError {
  const name = nameOf(restraint, action);
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name} in progress (machine action ${action.id}).`,
    fault: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
