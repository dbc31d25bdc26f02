import { withTimeout } from '../real-time.js';
import type { TriggeredFunction } from '../triggers/function-invoker.js';
import type { Clock, HostEvent } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import { readOutputs, readTrigger, type ServiceBusTrigger } from './bindings.js';
import { Broker } from './broker.js';
import { type BrokerPort, openBrokerPort } from './broker-port.js';
import { readListenerSettings } from './listener-settings.js';
import type { MessageDatabase } from './message-store.js';
import { OutputWriter } from './output-writer.js';
import { DEFAULT_QUEUE_SETTINGS } from './queue-types.js';
import {
  DEFAULT_CONNECTION,
  isConfigured,
  namesNamespace,
  ServiceBusClients,
} from './service-bus-clients.js';
import { ServiceBusListener } from './trigger-listener.js';

export interface ServiceBusOptions {
  readonly clock: Clock;
  /** The host's store; the broker adds its own tables to it. */
  readonly database: MessageDatabase;
  /** All that the app will see: process environment, local.settings.json, options. */
  readonly settings: Readonly<Record<string, string>>;
  /** The parsed host.json. */
  readonly hostJson: unknown;
  /** AMQP port of the broker on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** The broker's shared access key, base64; without one, connection strings are new after each start. */
  readonly accessKey?: string | undefined;
  /** The port, if it is open already. */
  readonly brokerPort?: BrokerPort | undefined;
  readonly onEvent: (event: HostEvent) => void;
}

export interface ServiceBus {
  /** Of the embedded broker; undefined while a real namespace is configured. */
  readonly connectionString: string | undefined;
  /**
   * Creates the entities that the functions name and starts their triggers.
   * @param run runs a function (see FunctionInvoker); its result decides whether a message is completed.
   * @throws HostError `app-refused` for an unsupported binding, `setting-invalid`.
   */
  listen(functions: readonly FunctionDefinition[], run: Run): Promise<void>;
  /**
   * Wraps the worker's `invoke`, for every trigger: what a function puts into its Service Bus outputs is sent before
   * its invocation counts as done, and an invocation whose output cannot be sent has failed.
   */
  withOutputs(invoke: Invoke): Invoke;
  /** Whether no message waits for a function or is being handled. */
  idle(): boolean;
  /**
   * Receives no more messages, lets running functions end and their messages be settled, for at most so many
   * milliseconds. To be called while the worker still runs.
   */
  drain(longestMs?: number): Promise<void>;
  /** Closes clients and broker, after `drain` if that was not called. Messages that are left stay in the store. */
  stop(): Promise<void>;
}

const STOP_MS = 5_000;

type Run = (trigger: TriggeredFunction) => Promise<InvocationResult>;
type Invoke = (request: InvocationRequest) => Promise<InvocationResult>;

/** @throws HostError `port-in-use`, `setting-invalid`. */
export async function createServiceBus(options: ServiceBusOptions): Promise<ServiceBus> {
  const host = new HostServiceBus(options);
  if (!namesNamespace(options.settings)) await host.startBroker();
  return host;
}

class HostServiceBus implements ServiceBus {
  #broker: Broker | undefined;
  #settings: Record<string, string> = {};
  #listeners: ServiceBusListener[] = [];
  readonly #watched: string[] = [];
  #connections: ServiceBusClients | undefined;
  #outputs: OutputWriter | undefined;
  #withOutputs: ReadonlyMap<string, FunctionDefinition> = new Map();

  constructor(private readonly options: ServiceBusOptions) {}

  get connectionString(): string | undefined {
    return this.#broker?.connectionString;
  }

  async startBroker(): Promise<void> {
    const { clock, database, port, accessKey, brokerPort } = this.options;
    this.#broker = new Broker(brokerPort ?? (await openBrokerPort(port, accessKey)), {
      clock,
      database,
      settings: DEFAULT_QUEUE_SETTINGS,
      onProblem: (message) => this.#log(message),
    });
    this.#provideConnection(DEFAULT_CONNECTION);
  }

  async listen(functions: readonly FunctionDefinition[], run: Run): Promise<void> {
    const { settings, clock, hostJson } = this.options;
    const triggers = functions
      .filter((one) => one.triggerKind === 'serviceBusTrigger')
      .map((one) => readTrigger(one, settings));
    const outputs = functions.flatMap((one) => readOutputs(one, settings));
    const local = [...triggers, ...outputs].filter((one) => !isConfigured(one.connection, settings));
    const remote = triggers.length + outputs.length - local.length;
    if (local.length > 0 && this.#broker === undefined) await this.startBroker();
    // All functions use a namespace: none of their messages may end in the broker by mistake.
    if (local.length === 0 && remote > 0) await this.#stopBroker();
    for (const { connection, entity } of local) {
      this.#provideConnection(connection);
      this.#broker?.declare(entity);
    }
    this.#connections = new ServiceBusClients({ ...settings, ...this.#settings });
    this.#outputs = new OutputWriter(this.#connections, settings);
    this.#withOutputs = new Map(
      functions.filter((one) => readOutputs(one, settings).length > 0).map((one) => [one.name, one]),
    );
    for (const trigger of triggers) if (local.includes(trigger)) this.#watch(trigger);
    const context = {
      clock,
      connections: this.#connections,
      settings: readListenerSettings(hostJson),
      invoke: run,
      onProblem: (message: string) => this.#log(message),
    };
    this.#listeners = await Promise.all(
      triggers.map((trigger) => ServiceBusListener.start(trigger, context)),
    );
  }

  withOutputs(invoke: Invoke): Invoke {
    return async (request) => {
      const result = await invoke(request);
      const definition = this.#withOutputs.get(request.functionName);
      if (definition === undefined || result.kind !== 'ok') return result;
      try {
        await this.#outputs?.write(definition, result);
        return result;
      } catch (error) {
        const { name, message, stack = '' } = error as Error;
        return {
          kind: 'error',
          name,
          message: `A Service Bus output failed: ${message}`,
          stack,
          thrown: 'error',
        };
      }
    };
  }

  idle(): boolean {
    return (
      this.#listeners.every((listener) => listener.idle) &&
      this.#watched.every((path) => this.#broker?.isIdle(path) !== false)
    );
  }

  async drain(longestMs = STOP_MS): Promise<void> {
    const listeners = this.#listeners.splice(0);
    // A client whose connection broke may take a minute to detect it.
    await withTimeout(longestMs, Promise.allSettled(listeners.map((listener) => listener.stop())));
  }

  async stop(): Promise<void> {
    await this.drain();
    await withTimeout(STOP_MS, this.#connections?.close() ?? Promise.resolve());
    await this.#stopBroker();
  }

  async #stopBroker(): Promise<void> {
    await this.#broker?.stop();
    this.#broker = undefined;
    this.#settings = {};
  }

  #provideConnection(name: string): void {
    if (!isConfigured(name, this.options.settings)) this.#settings[name] = this.connectionString ?? '';
  }

  #watch({ entity }: ServiceBusTrigger): void {
    const path =
      entity.kind === 'queue' ? entity.queue : `${entity.topic}/subscriptions/${entity.subscription}`;
    this.#broker?.watch(path);
    this.#watched.push(path);
  }

  #log(message: string): void {
    const at = this.options.clock.now();
    this.options.onEvent({ kind: 'log', level: 'warning', category: 'Host.ServiceBus', message, at });
  }
}
