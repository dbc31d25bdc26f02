import { signMessage } from '../approvals/index.js';
import type { InboxMessage, UnsignedMessage } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { composition } from './composition.js';

/**
 * Signs what a door says to an instance: an activity verifies it before it counts.
 * @throws ResponderError `configuration` where no key is configured.
 */
export function signDecision(message: UnsignedMessage): InboxMessage {
  const [key, ...others] = composition().config.signingKeys;
  if (key !== undefined) return signMessage(message, [key, ...others]);
  throw new ResponderError({
    code: 'configuration',
    message: 'No key is configured to sign decisions with.',
    blame: 'caller',
    retry: 'no',
    place: 'APPROVALS_SIGNING_KEYS',
    next: 'Set APPROVALS_SIGNING_KEYS to a random secret of at least 32 characters.',
  });
}
