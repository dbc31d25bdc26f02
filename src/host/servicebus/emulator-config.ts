/**
 * Reads the entities of a Config.json of the official emulator, so that one file serves both.
 * https://learn.microsoft.com/azure/service-bus-messaging/test-locally-with-service-bus-emulator
 */
import { z } from 'zod';
import { type Entities, invalid, parseEntities } from './entities.js';

const properties = z
  .object({
    MaxDeliveryCount: z.int().optional(),
    LockDuration: z.string().optional(),
    DefaultMessageTimeToLive: z.string().optional(),
    DeadLetteringOnMessageExpiration: z.boolean().optional(),
    RequiresDuplicateDetection: z.boolean().default(false),
    DuplicateDetectionHistoryTimeWindow: z.string().default('PT10M'),
    RequiresSession: z.boolean().default(false),
    ForwardTo: z.string().optional(),
    ForwardDeadLetteredMessagesTo: z.string().optional(),
  })
  .prefault({});

const correlation = z.object({
  ContentType: z.string().optional(),
  CorrelationId: z.string().optional(),
  Label: z.string().optional(),
  MessageId: z.string().optional(),
  ReplyTo: z.string().optional(),
  ReplyToSessionId: z.string().optional(),
  SessionId: z.string().optional(),
  To: z.string().optional(),
  Properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const rule = z.object({
  Name: z.string(),
  Properties: z.object({
    FilterType: z.enum(['Correlation', 'Sql']),
    CorrelationFilter: correlation.optional(),
    SqlFilter: z.object({ SqlExpression: z.string() }).optional(),
    Action: z.unknown().optional(),
  }),
});
const config = z.object({
  UserConfig: z.object({
    Namespaces: z
      .array(
        z.object({
          Queues: z.array(z.object({ Name: z.string(), Properties: properties })).default([]),
          Topics: z
            .array(
              z.object({
                Name: z.string(),
                Properties: properties,
                Subscriptions: z
                  .array(
                    z.object({ Name: z.string(), Properties: properties, Rules: z.array(rule).default([]) }),
                  )
                  .default([]),
              }),
            )
            .default([]),
        }),
      )
      .length(1, 'must be exactly one namespace'),
  }),
});

/** @throws HostError `setting-invalid`: not of that shape, or it asks for what the embedded broker does not have. */
export function readEmulatorConfig(text: string): Entities {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid([`Config.json is not JSON: ${(error as Error).message}`]);
  }
  const parsed = config.safeParse(json);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const [namespace] = parsed.data.UserConfig.Namespaces;
  return parseEntities({
    queues: namespace?.Queues.map((queue) => ({
      name: queue.Name,
      ...common(queue.Name, queue.Properties),
      ...duplicates(queue.Properties),
    })),
    topics: namespace?.Topics.map((topic) => ({
      name: topic.Name,
      defaultMessageTimeToLive: topic.Properties.DefaultMessageTimeToLive,
      ...duplicates(topic.Properties),
      subscriptions: topic.Subscriptions.map((subscription) => ({
        name: subscription.Name,
        ...common(`${topic.Name}/${subscription.Name}`, subscription.Properties),
        filters: filtersOf(`${topic.Name}/${subscription.Name}`, subscription.Rules),
      })),
    })),
  });
}

function common(entity: string, given: z.infer<typeof properties>): Record<string, unknown> {
  if (given.RequiresSession) throw invalid([`${entity}: sessions (RequiresSession) are not supported`]);
  if (given.ForwardTo || given.ForwardDeadLetteredMessagesTo) {
    throw invalid([`${entity}: forwarding (ForwardTo) is not supported`]);
  }
  return {
    maxDeliveryCount: given.MaxDeliveryCount,
    lockDuration: given.LockDuration,
    defaultMessageTimeToLive: given.DefaultMessageTimeToLive,
    deadLetteringOnMessageExpiration: given.DeadLetteringOnMessageExpiration,
  };
}

const duplicates = (given: z.infer<typeof properties>): Record<string, unknown> =>
  given.RequiresDuplicateDetection ? { duplicateDetection: given.DuplicateDetectionHistoryTimeWindow } : {};

function filtersOf(entity: string, rules: readonly z.infer<typeof rule>[]): unknown[] {
  const filters: unknown[] = [];
  for (const { Name, Properties } of rules) {
    if (Properties.Action !== undefined)
      throw invalid([`${entity}: the action of rule ${Name} is not supported`]);
    if (Properties.FilterType === 'Sql') {
      const expression = Properties.SqlFilter?.SqlExpression.replaceAll(/\s/g, '');
      if (expression === '1=1') return [];
      throw invalid([
        `${entity}: the SQL filter of rule ${Name} is not supported; use 1=1 or a correlation filter`,
      ]);
    }
    const { Label, Properties: application, ...rest } = Properties.CorrelationFilter ?? {};
    const named = Object.fromEntries(Object.entries(rest).map(([key, value]) => [lowerFirst(key), value]));
    filters.push({ ...named, subject: Label, applicationProperties: application });
  }
  return filters;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
