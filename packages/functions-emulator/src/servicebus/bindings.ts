/** The app's Service Bus bindings, validated; property names as in function.json. */
import { z } from 'zod';
import { HostError } from '../errors.js';
import { resolveSettings } from '../setting-references.js';
import type { FunctionDefinition } from '../worker/worker-types.js';
import { DEFAULT_CONNECTION, STORAGE_QUEUES } from './service-bus-clients.js';

export type EntityName =
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'topic'; readonly topic: string; readonly subscription: string | undefined };

export interface ServiceBusTrigger {
  readonly definition: FunctionDefinition;
  readonly connection: string;
  readonly entity: EntityName;
  readonly cardinality: 'one' | 'many';
  readonly binary: boolean;
}

export interface ServiceBusOutput {
  /** Name of the binding; `$return` is the function's return value. */
  readonly name: string;
  readonly connection: string;
  readonly entity: EntityName;
}

type Settings = Readonly<Record<string, string>>;

const binding = z
  .object({
    connection: z.string().default(''),
    queueName: z.string().optional(),
    topicName: z.string().optional(),
    subscriptionName: z.string().optional(),
    isSessionsEnabled: z.boolean().optional(),
    autoCompleteMessages: z.boolean().optional(),
    sdkBinding: z.boolean().optional(),
    cardinality: z.enum(['one', 'many']).default('one'),
    dataType: z.string().optional(),
  })
  .refine((value) => (value.queueName === undefined) !== (value.topicName === undefined), {
    message: 'needs either queueName or topicName',
  });

/** @throws HostError `app-refused` for an unsupported feature. */
export function readTrigger(definition: FunctionDefinition, settings: Settings): ServiceBusTrigger {
  const given = parse(definition.name, definition.trigger);
  if (given.isSessionsEnabled)
    throw appRefused(definition.name, 'isSessionsEnabled: sessions are not supported');
  if (given.sdkBinding) throw appRefused(definition.name, 'sdkBinding is not supported');
  if (given.autoCompleteMessages === false) throw appRefused(definition.name, NEVER_SETTLED);
  return {
    definition,
    connection: resolve(definition.name, given.connection, settings) || DEFAULT_CONNECTION,
    entity: entityOf(definition.name, given, settings, true),
    cardinality: given.cardinality,
    binary: given.dataType === 'binary',
  };
}

export const NEVER_SETTLED =
  'autoCompleteMessages: false is not supported: a JavaScript function cannot settle a message, so each would run until it is dead-lettered';

/** The Service Bus outputs of a function and those to storage queues, its return value included. */
export function readOutputs(definition: FunctionDefinition, settings: Settings): ServiceBusOutput[] {
  const ofType = (type: string) =>
    Object.entries(definition.bindings).filter(
      ([, value]) => value.direction === 'out' && String(value.type).toLowerCase() === type,
    );
  const storage = ofType('queue').map(([name, { queueName }]) => {
    const given = { queueName: String(queueName ?? '') };
    return { name, connection: STORAGE_QUEUES, entity: entityOf(definition.name, given, settings, false) };
  });
  const serviceBus = ofType('servicebus').map(([name, value]) => {
    const given = parse(definition.name, value);
    return {
      name,
      connection: resolve(definition.name, given.connection, settings) || DEFAULT_CONNECTION,
      entity: entityOf(definition.name, given, settings, false),
    };
  });
  return [...storage, ...serviceBus];
}

export const appRefused = (functionName: string, why: string): HostError =>
  new HostError('app-refused', `The function '${functionName}' cannot be served: ${why}.`);

function parse(functionName: string, value: unknown): z.infer<typeof binding> {
  const parsed = binding.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the binding'} ${issue.message}`,
  );
  throw appRefused(functionName, `its Service Bus binding is not valid (${problems.join('; ')})`);
}

function resolve(functionName: string, text: string, settings: Settings): string {
  const resolved = resolveSettings(text, settings);
  if ('text' in resolved) return resolved.text;
  const problem = resolved.problem.replace(/\.$/, '');
  throw appRefused(functionName, `${problem}. Add the setting to Values of local.settings.json`);
}

const ENTITY_NAME = /^[A-Za-z0-9]([\w.\-/]*\w)?$/;

function entityOf(
  functionName: string,
  given: Pick<z.infer<typeof binding>, 'queueName' | 'topicName' | 'subscriptionName'>,
  settings: Settings,
  receives: boolean,
): EntityName {
  const named = (text: string): string => {
    const name = resolve(functionName, text, settings);
    if (ENTITY_NAME.test(name)) return name;
    throw appRefused(functionName, `'${name}' is not a valid name of a queue, topic or subscription`);
  };
  if (given.queueName !== undefined) return { kind: 'queue', queue: named(given.queueName) };
  const subscription = given.subscriptionName === undefined ? undefined : named(given.subscriptionName);
  if (receives && subscription === undefined)
    throw appRefused(functionName, 'its trigger has no subscriptionName');
  return { kind: 'topic', topic: named(given.topicName as string), subscription };
}
