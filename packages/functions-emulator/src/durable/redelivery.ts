/**
 * When interrupted work is redelivered after the host has ended. On Azure Storage a message that a host has dequeued is
 * invisible for the queue's visibility timeout; a running activity renews that of its message.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json
 */

import { HostError } from '../errors.js';
import { parseTimeSpan } from '../time-span.js';
import type { HostOptions } from '../types.js';

export interface Redelivery {
  /** Visibility timeout of a dequeued message, in milliseconds; 0 = redelivered at once. */
  readonly messageTimeoutMs: number;
  /** The same for activities. */
  readonly activityTimeoutMs: number;
  /** Whether a stop aborts the activities that run, instead of letting them end. */
  readonly abortOnStop: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
/** The Durable extension's default for both queues. */
const DEFAULT_MS = 5 * MINUTE_MS;

/**
 * @param durableTask `extensions.durableTask` of host.json
 * @throws HostError `setting-invalid` for a time-out that the real host does not start with either
 */
export function redeliveryOf(
  durableTask: Json,
  mode: HostOptions['redelivery'] = 'after-time-out',
): Redelivery {
  const provider = durableTask.storageProvider;
  const storage = typeof provider === 'object' && provider !== null ? (provider as Json) : {};
  const messageTimeoutMs = visibilityTimeout(storage, 'controlQueueVisibilityTimeout');
  const activityTimeoutMs = visibilityTimeout(storage, 'workItemQueueVisibilityTimeout');
  if (messageTimeoutMs < MINUTE_MS || messageTimeoutMs > 60 * MINUTE_MS)
    throw invalid('controlQueueVisibilityTimeout', 'must be between 1 and 60 minutes');
  if (mode === 'at-once') return { messageTimeoutMs: 0, activityTimeoutMs: 0, abortOnStop: false };
  return { messageTimeoutMs, activityTimeoutMs, abortOnStop: durableTask.useGracefulShutdown !== true };
}

function visibilityTimeout(storage: Json, name: string): number {
  const value = storage[name];
  if (value === undefined || value === null) return DEFAULT_MS;
  const ms = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (ms === undefined || ms === 0) throw invalid(name, 'must be a time span such as "00:01:00"');
  return ms;
}

const invalid = (name: string, why: string): HostError =>
  new HostError('setting-invalid', `host.json: extensions.durableTask.storageProvider.${name} ${why}.`);
