/**
 * `extensions.serviceBus` of host.json.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { HostError } from '../errors.js';
import { NEVER_SETTLED } from './bindings.js';

/** Durations are milliseconds. */
export interface ListenerSettings {
  readonly maxConcurrentCalls: number;
  readonly maxAutoLockRenewalMs: number;
  readonly maxMessageBatchSize: number;
}

const timeSpan = z
  .string()
  .regex(/^\d{1,2}:[0-5]\d:[0-5]\d$/, 'must be a time span such as 00:05:00')
  .transform((text) => {
    const [hours, minutes, seconds] = text.split(':').map(Number) as [number, number, number];
    return ((hours * 60 + minutes) * 60 + seconds) * 1000;
  });

const section = z.object({
  autoCompleteMessages: z.literal(true, { error: NEVER_SETTLED }).default(true),
  maxConcurrentCalls: z.int().min(1).optional(),
  maxAutoLockRenewalDuration: timeSpan.default(300_000),
  maxMessageBatchSize: z.int().min(1).default(1000),
});

/** @throws HostError `setting-invalid`. */
export function readListenerSettings(hostJson: unknown): ListenerSettings {
  const extensions = (hostJson as { extensions?: { serviceBus?: unknown } } | undefined)?.extensions;
  const parsed = section.safeParse(extensions?.serviceBus ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new HostError('setting-invalid', `host.json, extensions.serviceBus: ${problems.join('; ')}.`);
  }
  return {
    maxConcurrentCalls: parsed.data.maxConcurrentCalls ?? 16 * availableParallelism(),
    maxAutoLockRenewalMs: parsed.data.maxAutoLockRenewalDuration,
    maxMessageBatchSize: parsed.data.maxMessageBatchSize,
  };
}
