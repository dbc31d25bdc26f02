import { ResponderError } from '../domain/errors.js';
import type { SealedMessage } from '../domain/sealed.js';
import { START_NOT_SEALED } from '../orchestrator/index.js';
import { sealer } from './sealing.js';

/**
 * Anyone with the system key can start an instance with any input.
 * @throws ResponderError `start-not-sealed` unless a trigger of the app has started the instance.
 */
export function refuseUnlessStarted(start: SealedMessage, instanceId: string): void {
  if (sealer.open(start, { purpose: 'start', instanceId }).ok) return;
  throw new ResponderError({
    code: START_NOT_SEALED,
    message: 'The responder did not start this instance; nothing was handed over.',
    fault: 'caller',
    retry: 'no',
  });
}
