/** Declarations of queues and topics beyond those that the app's bindings name. */
import { z } from 'zod';
import { HostError } from '../errors.js';

const isoDuration = z
  .string()
  .regex(
    /^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/,
    'must be an ISO 8601 duration such as PT30S',
  );

const queueFields = {
  maxDeliveryCount: z.int().min(1).max(2000).default(10),
  lockDuration: isoDuration.default('PT30S'),
  defaultMessageTimeToLive: isoDuration.optional(),
  deadLetteringOnMessageExpiration: z.boolean().default(false),
};
const name = z
  .string()
  .regex(/^[A-Za-z0-9]([\w.\-/]*\w)?$/, 'must be letters, digits, dots, dashes, slashes or underscores');

const correlationFilter = z.strictObject({
  contentType: z.string().optional(),
  correlationId: z.string().optional(),
  messageId: z.string().optional(),
  replyTo: z.string().optional(),
  replyToSessionId: z.string().optional(),
  sessionId: z.string().optional(),
  subject: z.string().optional(),
  to: z.string().optional(),
  applicationProperties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

const queue = z.strictObject({ name, ...queueFields, duplicateDetection: isoDuration.optional() });
const subscription = z.strictObject({
  name,
  ...queueFields,
  /** A message is accepted if one of them matches; none = all messages. */
  filters: z.array(correlationFilter).default([]),
});
const topic = z.strictObject({
  name,
  defaultMessageTimeToLive: isoDuration.optional(),
  duplicateDetection: isoDuration.optional(),
  subscriptions: z.array(subscription).default([]),
});

const entities = z.strictObject({ queues: z.array(queue).default([]), topics: z.array(topic).default([]) });

export type CorrelationFilter = z.infer<typeof correlationFilter>;
export type QueueDeclaration = z.infer<typeof queue>;
export type SubscriptionDeclaration = z.infer<typeof subscription>;
export type TopicDeclaration = z.infer<typeof topic>;
/** What may be declared; everything but the names has the service's default or the official emulator's. */
export type EntityOptions = z.input<typeof entities>;
export type Entities = z.output<typeof entities>;

/** @throws HostError `setting-invalid` that names each wrong place. */
export function parseEntities(options: unknown): Entities {
  const parsed = entities.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`,
  );
  throw new HostError('setting-invalid', `The Service Bus entities are not valid. ${problems.join('; ')}.`);
}

/** Milliseconds of a duration that `isoDuration` let through. */
export function durationMs(text: string): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text) ?? [];
  const whole = (Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0);
  return Math.round((whole * 60 + Number(seconds ?? 0)) * 1000);
}
