/** Runs a function for each message of its queue or subscription, through the client library's own receiver. */
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { TriggeredFunction } from '../triggers/function-invoker.js';
import type { Clock } from '../types.js';
import type { InvocationResult, TypedData } from '../worker/worker-types.js';
import type { ServiceBusTrigger } from './bindings.js';
import type { ListenerSettings } from './listener-settings.js';
import type { ServiceBusClients } from './service-bus-clients.js';
import { batchMetadataOf, inputOf, inputsOf, metadataOf, observedBody } from './trigger-data.js';

export interface ListenerContext {
  readonly clock: Clock;
  readonly connections: ServiceBusClients;
  readonly settings: ListenerSettings;
  readonly invoke: (trigger: TriggeredFunction) => Promise<InvocationResult>;
  readonly onProblem: (message: string) => void;
}

export class ServiceBusListener {
  readonly #running = new Set<Promise<void>>();
  #closing = false;
  #closeSubscription: () => Promise<void> = async () => undefined;

  private constructor(
    private readonly trigger: ServiceBusTrigger,
    private readonly context: ListenerContext,
    private readonly receiver: ServiceBusReceiver,
  ) {}

  static async start(trigger: ServiceBusTrigger, context: ListenerContext): Promise<ServiceBusListener> {
    const client = await context.connections.client(trigger.connection);
    const { entity } = trigger;
    const options = {
      skipParsingBodyAsJson: true,
      // The library measures a lock by the system's time. On a virtual clock no lock can run out meanwhile.
      maxAutoLockRenewalDurationInMs:
        context.clock.kind === 'wall' ? context.settings.maxAutoLockRenewalMs : 0,
    };
    const receiver =
      entity.kind === 'queue'
        ? client.createReceiver(entity.queue, options)
        : client.createReceiver(entity.topic, entity.subscription as string, options);
    const listener = new ServiceBusListener(trigger, context, receiver);
    if (trigger.cardinality === 'one') listener.#subscribe();
    else listener.#track(listener.#receiveBatches());
    return listener;
  }

  get idle(): boolean {
    return this.trigger.cardinality === 'many' || this.#running.size === 0;
  }

  /** Receives no more messages, lets running functions end and their messages be settled. */
  async stop(): Promise<void> {
    this.#closing = true;
    await this.#closeSubscription();
    await Promise.all(this.#running);
    await this.receiver.close();
  }

  #subscribe(): void {
    const subscription = this.receiver.subscribe(
      {
        processMessage: (message) => this.#track(this.#handle([message])),
        processError: async ({ error, errorSource }) => this.#report(`${errorSource}: ${error.message}`),
      },
      { autoCompleteMessages: false, maxConcurrentCalls: this.context.settings.maxConcurrentCalls },
    );
    this.#closeSubscription = () => subscription.close();
  }

  /** One batch after the other; the locks of a batch are not renewed, as in the real host. */
  async #receiveBatches(): Promise<void> {
    const abort = new AbortController();
    this.#closeSubscription = async () => abort.abort();
    while (!this.#closing) {
      try {
        const messages = await this.receiver.receiveMessages(this.context.settings.maxMessageBatchSize, {
          abortSignal: abort.signal,
          maxWaitTimeInMs: BATCH_POLL_MS,
        });
        if (messages.length > 0) await this.#handle(messages);
      } catch (error) {
        if (!this.#closing) this.#report(`receive: ${(error as Error).message}`);
      }
    }
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return tracked;
  }

  /** Success completes the message; a failure abandons it, so that it is redelivered up to its limit. */
  async #handle(messages: readonly ServiceBusReceivedMessage[]): Promise<void> {
    const release = this.context.clock.hold(`message for ${this.trigger.definition.name}`);
    try {
      const ok = await this.#invoke(messages);
      await Promise.all(
        messages.map((message) =>
          ok ? this.receiver.completeMessage(message) : this.receiver.abandonMessage(message),
        ),
      );
    } catch (error) {
      // The lock expired or the connection broke: the broker delivers the message again.
      this.#report(`settle: ${(error as Error).message}`);
    } finally {
      release();
    }
  }

  async #invoke(messages: readonly ServiceBusReceivedMessage[]): Promise<boolean> {
    try {
      const result = await this.context.invoke(this.#triggerWith(messages));
      return result.kind === 'ok';
    } catch (error) {
      this.#report((error as Error).message);
      return false;
    }
  }

  #triggerWith(messages: readonly ServiceBusReceivedMessage[]): TriggeredFunction {
    const { cardinality, binary } = this.trigger;
    // Retry policies are not for Service Bus: what repeats there is the delivery.
    const definition = { ...this.trigger.definition, retryOptions: undefined };
    const [first] = messages as readonly [ServiceBusReceivedMessage];
    const one = cardinality === 'one';
    const data: TypedData = one ? inputOf(first, binary) : inputsOf(messages);
    const metadata = one ? metadataOf(first, binary) : batchMetadataOf(messages);
    return {
      definition,
      data,
      metadata,
      observedInput: one ? observedBody(first) : messages.map(observedBody),
    };
  }

  #report(problem: string): void {
    const { entity } = this.trigger;
    const path = entity.kind === 'queue' ? entity.queue : `${entity.topic}/${entity.subscription}`;
    this.context.onProblem(`Service Bus '${path}': ${problem}`);
  }
}

/** How long one request for a batch stays open. */
const BATCH_POLL_MS = 60_000;
