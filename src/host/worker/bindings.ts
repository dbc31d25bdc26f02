/** The binding kinds that this host has. An app that uses another is refused by name when it is loaded. */
import type { TriggerKind } from '../types.js';
import type { FunctionDefinition } from './types.js';

const triggers: Readonly<Record<string, TriggerKind>> = {
  httptrigger: 'httpTrigger',
  timertrigger: 'timerTrigger',
  eventgridtrigger: 'eventGridTrigger',
  servicebustrigger: 'serviceBusTrigger',
  orchestrationtrigger: 'orchestrationTrigger',
  activitytrigger: 'activityTrigger',
  entitytrigger: 'entityTrigger',
};
const inputs = new Set(['durableclient', 'orchestrationclient']);
const outputs = new Set(['http', 'servicebus']);

export const supported =
  'HTTP, timer, Event Grid, Service Bus and Durable triggers, Durable client inputs, HTTP and Service Bus outputs';

/** What `@azure/functions` passes to `registerFunction`. */
export interface CoreMetadata {
  readonly name: string;
  readonly bindings: Record<string, Record<string, unknown>>;
  readonly retryOptions?: Record<string, unknown> | undefined;
}

/** Makes the host's view of a registered function, or says which binding it cannot serve. */
export function toDefinition(
  metadata: CoreMetadata,
  scriptFile: string,
): FunctionDefinition | { refused: string } {
  let trigger: [string, Record<string, unknown>, TriggerKind] | undefined;
  for (const [name, binding] of Object.entries(metadata.bindings)) {
    const type = String(binding.type);
    const key = type.toLowerCase();
    const kind = triggers[key];
    if (kind) trigger = [name, binding, kind];
    else if (!(binding.direction === 'out' ? outputs : inputs).has(key)) return { refused: type };
  }
  if (!trigger) return { refused: 'no trigger' };
  return {
    name: metadata.name,
    triggerName: trigger[0],
    trigger: trigger[1],
    triggerKind: trigger[2],
    bindings: metadata.bindings,
    retryOptions: metadata.retryOptions,
    scriptFile,
  };
}
