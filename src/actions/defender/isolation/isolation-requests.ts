/** The requests of an isolation and of its end, and what is said about those of others. */
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { readAfterUnknownOutcome } from '../../unknown-outcome.js';
import {
  actionNameOf,
  isOpen,
  isRelease,
  type MachineAction,
  readMachineAction,
} from '../machines/machine-actions.js';
import { type MachineRequest, postAction } from '../machines/machine-requests.js';

/** https://learn.microsoft.com/defender-endpoint/api/isolate-machine */
export const ISOLATE: MachineRequest = { type: 'Isolate', call: 'isolate', body: { IsolationType: 'Full' } };

/** https://learn.microsoft.com/defender-endpoint/api/unisolate-machine */
export const RELEASE: MachineRequest = { type: 'Unisolate', call: 'unisolate' };

/** https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action */
export async function cancel(
  open: MachineAction,
  reference: string,
  ctx: ActionContext,
): Promise<MachineAction> {
  const Comment = `Undone by sentinel-responder (${reference})`;
  try {
    return await postAction(path`/api/machineactions/${open.id}/cancel`, { Comment }, ctx);
  } catch (error) {
    // The action ended meanwhile: the next attempt reads the result, and releases the device if necessary.
    if (error instanceof ResponderError && error.info.httpStatus === 400)
      throw oppositeActionInProgress(open);
    const after = await readAfterUnknownOutcome(error, () => readMachineAction(open.id, ctx));
    if (isOpen(after)) throw error;
    return after;
  }
}

/** Describes a machine action of someone else for an analyst. */
export function describeAction(action: MachineAction): string {
  const { id, status, requestor, creationDateTimeUtc } = action;
  return `machine action ${id} (${actionNameOf(action)}, ${status}), requested by ${requestor || 'somebody'} at ${creationDateTimeUtc}`;
}

/** An action of the opposite kind that has not ended may take effect after this one. */
export function oppositeActionInProgress(action: MachineAction): ResponderError {
  return new ResponderError({
    code: 'opposite-action-in-progress',
    message: `The device has ${isRelease(action) ? 'a release' : 'an isolation'} in progress (machine action ${action.id}).`,
    fault: 'caller',
    retry: 'later',
    next: 'Wait until it has ended or cancel it in the Defender portal.',
  });
}
