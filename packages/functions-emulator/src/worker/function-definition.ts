/** The binding kinds that this host has. A function that uses another is in error; the others run. */
import type { FaultyFunction, FunctionDefinition, TriggerKind } from './worker-types.js';

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
const outputs = new Set(['http', 'servicebus', 'queue']);

/** What `@azure/functions` passes to `registerFunction`. */
export interface CoreMetadata {
  readonly name: string;
  readonly bindings: Record<string, Record<string, unknown>>;
  readonly retryOptions?: Record<string, unknown> | undefined;
}

/**
 * Makes the host's view of a registered function, checked in the order of the real host.
 * https://learn.microsoft.com/azure/azure-functions/functions-triggers-bindings
 */
export function toDefinition(
  { name, bindings, retryOptions }: CoreMetadata,
  scriptFile: string,
): FunctionDefinition | FaultyFunction {
  const registered = { name, bindings, retryOptions, scriptFile };
  const invalid = (message: string): FaultyFunction => ({
    ...registered,
    fault: { kind: 'invalid', message },
  });
  const all = Object.entries(bindings);
  const wrong = all.find(([binding]) => !/^(?:[a-z][a-z0-9]{0,127}|\$return)$/i.test(binding));
  if (wrong)
    return invalid(`The binding name ${wrong[0]} is invalid. Please assign a valid name to the binding.`);
  const isOut = (binding: Record<string, unknown>): boolean => binding.direction === 'out';
  const found = all.filter(([, binding]) => !isOut(binding) && /trigger$/i.test(String(binding.type)));
  if (found.length === 0)
    return invalid('No trigger binding specified. A function must have a trigger input binding.');
  if (found.length > 1)
    return invalid('Multiple trigger bindings defined. A function can only have a single trigger binding.');
  const isKnown = (binding: Record<string, unknown>): boolean => {
    const type = String(binding.type).toLowerCase();
    return isOut(binding) ? outputs.has(type) : inputs.has(type) || Object.hasOwn(triggers, type);
  };
  const unknown = all.filter(([, binding]) => !isKnown(binding));
  if (unknown.length > 0) {
    const ins = unknown.filter(([, binding]) => !isOut(binding));
    const outs = unknown.filter(([, binding]) => isOut(binding));
    const types = [...new Set([...ins, ...outs].map(([, binding]) => String(binding.type)))];
    return { ...registered, fault: { kind: 'unknown bindings', types } };
  }
  const [triggerName, trigger] = found[0] as (typeof found)[number];
  const triggerKind = triggers[String(trigger.type).toLowerCase()] as TriggerKind;
  return { ...registered, triggerName, trigger, triggerKind };
}
