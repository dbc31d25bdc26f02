import { signMessage } from '../approvals/index.js';
import type { InboxMessage, UnsignedMessage } from '../domain/approval.js';
import { ResponderError } from '../domain/errors.js';
import { services } from './services.js';

/**
 * Signs a message from a channel to an instance. An activity verifies the signature before the message is evaluated.
 * @throws ResponderError `configuration` if no key is configured.
 */
export function signDecision(message: UnsignedMessage): InboxMessage {
  const [key, ...others] = services().config.signingKeys;
  if (key !== undefined) return signMessage(message, [key, ...others]);
  throw new ResponderError({
    code: 'configuration',
    message: 'No key is configured for signing decisions.',
    fault: 'caller',
    retry: 'no',
    place: 'APPROVALS_SIGNING_KEYS',
    next: 'Set APPROVALS_SIGNING_KEYS to a random secret of at least 32 characters.',
  });
}
