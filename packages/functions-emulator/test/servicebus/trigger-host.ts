/** A trigger on the embedded broker, with a function that the test supplies. */
import { onTestFinished } from 'vitest';
import { wallClock } from '../../src/clock.js';
import {
  createServiceBus,
  type ServiceBus,
  type ServiceBusOptions,
} from '../../src/servicebus/service-bus.js';
import { openStore } from '../../src/store/store.js';
import { FunctionInvoker } from '../../src/triggers/function-invoker.js';
import type {
  FunctionDefinition,
  InvocationRequest,
  InvocationResult,
} from '../../src/worker/worker-types.js';

export const FAILED: InvocationResult = {
  kind: 'error',
  name: 'Error',
  message: 'no',
  stack: '',
  thrown: 'error',
};
export const OK: InvocationResult = { kind: 'ok', returnValue: undefined, outputs: [] };

export function queueFunction(
  trigger: object,
  bindings: FunctionDefinition['bindings'] = {},
): FunctionDefinition {
  return {
    name: 'onIncident',
    triggerKind: 'serviceBusTrigger',
    triggerName: 'message',
    trigger: { type: 'serviceBusTrigger', queueName: 'incidents', connection: 'Bus', ...trigger },
    bindings,
    scriptFile: 'index.js',
  };
}

export const defaults = (database: ServiceBusOptions['database']): ServiceBusOptions => ({
  clock: wallClock(),
  database,
  settings: {},
  hostJson: {},
  port: 0,
  onEvent: () => undefined,
});

export async function start(
  definition: FunctionDefinition,
  invoke: (request: InvocationRequest) => Promise<InvocationResult>,
  options: Partial<ServiceBusOptions> = {},
): Promise<{ bus: ServiceBus; logs: string[] }> {
  const logs: string[] = [];
  const store = openStore(undefined, undefined, (error) => logs.push(error.message));
  const clock = options.clock ?? wallClock();
  const bus = await createServiceBus({
    ...defaults(store),
    clock,
    onEvent: (event) => event.kind === 'log' && logs.push(event.message),
    ...options,
  });
  onTestFinished(async () => {
    await bus.drain(1_000);
    await bus.stop();
    await store.close();
  });
  const invoker = new FunctionInvoker({
    invoke: bus.withOutputs(invoke),
    clock,
    inputBinding: undefined,
    onEvent: () => undefined,
    log: () => undefined,
  });
  await bus.listen([definition], (trigger) => invoker.invoke(trigger));
  return { bus, logs };
}
