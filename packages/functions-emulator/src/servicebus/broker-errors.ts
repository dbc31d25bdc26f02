import { HostError } from '../errors.js';

/**
 * Errors of the broker as AMQP conditions, so that the client library reports its own error codes.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-troubleshoot
 */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  /** @param status as the management and $cbs nodes answer it. */
  constructor(
    readonly condition: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (path: string): BrokerError =>
  new BrokerError(
    'amqp:not-found',
    404,
    `The messaging entity '${path}' could not be found. Name it in a trigger or an output of the app.`,
  );

export const lockLost = (): BrokerError =>
  new BrokerError(
    'com.microsoft:message-lock-lost',
    410,
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  );

export const unauthorized = (why: string): BrokerError =>
  new BrokerError('amqp:unauthorized-access', 401, why);

export const tooLarge = (size: number, limit: number): BrokerError =>
  new BrokerError(
    'amqp:link:message-size-exceeded',
    413,
    `The message (${size} bytes) exceeds the limit (${limit} bytes) that is allowed on the link.`,
  );

export const notSupported = (what: string): BrokerError =>
  new BrokerError('amqp:not-implemented', 501, `${what} is not supported by the embedded broker.`);

export const badRequest = (why: string): BrokerError => new BrokerError('amqp:invalid-field', 400, why);

export const messageNotFound = (why: string): BrokerError =>
  new BrokerError('com.microsoft:message-not-found', 404, why);

/** Converts any error to one that can be sent to the client. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  // A failed write. Clients do not retry this condition, and a retry would fail again.
  if (error instanceof HostError)
    return new BrokerError('amqp:resource-limit-exceeded', 403, `${error.code}: ${error.message}`);
  return new BrokerError('amqp:internal-error', 500, error instanceof Error ? error.message : String(error));
}
