/**
 * Delivers accepted events to the host's webhook until it accepts them or their time to live ends.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
import { withTimeout } from '../real-time.js';
import type { Clock } from '../types.js';
import type { EventStore, PendingEvent } from './event-store.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Waits before the second and each later attempt; the last one repeats. The service adds a little chance to them. */
const RETRY_DELAYS = [
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
];
const MAX_ATTEMPTS = 30;
const TIME_TO_LIVE_MS = 24 * HOUR;
const RESPONSE_TIMEOUT_MS = 30 * SECOND;
/** Status codes after which the service does not retry. */
const NOT_RETRIED = new Set([400, 401, 403, 413]);
const MAX_CONCURRENT = 32;

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly store: EventStore;
  /** The webhook of a function, with its key. */
  readonly webhook: (functionName: string) => string;
  /** Called for each event that is dead-lettered. */
  readonly onDeadLettered: (message: string) => void;
}

interface DeliveryOutcome {
  readonly delivered: boolean;
  readonly final: boolean;
  readonly text: string;
}

export class EventDelivery {
  readonly #waiting: { readonly event: PendingEvent; readonly release: () => void }[] = [];
  readonly #timers = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #stopped = false;

  constructor(private readonly options: DeliveryOptions) {}

  /** Schedules an event that is in the store; delivers it when it is due. */
  add(event: PendingEvent): void {
    const { clock } = this.options;
    if (this.#stopped) return;
    if (event.dueAt <= clock.now()) {
      this.#enqueue(event);
      return;
    }
    const cancel = clock.at(event.dueAt, () => {
      this.#timers.delete(cancel);
      this.#enqueue(event);
    });
    this.#timers.add(cancel);
  }

  /** Starts no more deliveries; after the given real time, running ones are aborted. */
  async stop(longestMs: number): Promise<void> {
    for (const cancel of this.#timers) cancel();
    for (const { release } of this.#waiting.splice(0)) release();
    this.#stopped = true;
    const ended = Promise.all(this.#running);
    await withTimeout(longestMs, ended);
    this.#abort.abort();
    await ended;
  }

  #enqueue(event: PendingEvent): void {
    const release = this.options.clock.hold(`event for ${event.functionName}`);
    this.#waiting.push({ event, release });
    this.#next();
  }

  #next(): void {
    while (this.#running.size < MAX_CONCURRENT) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const work = this.#deliver(next.event)
        .catch(() => undefined) // a failed write stops the host
        .finally(() => {
          this.#running.delete(work);
          next.release();
          this.#next();
        });
      this.#running.add(work);
    }
  }

  async #deliver(event: PendingEvent): Promise<void> {
    const { clock, store } = this.options;
    const outcome = await this.#post(event);
    if (this.#abort.signal.aborted) return;
    if (outcome.delivered) {
      await store.remove(event);
      return;
    }
    const attempts = event.attempts + 1;
    const dueAt = clock.now() + (RETRY_DELAYS[Math.min(attempts, RETRY_DELAYS.length) - 1] as number);
    if (outcome.final) await this.#deadLetter(event, attempts, 'UndeliverableDueToClientError', outcome);
    else if (attempts >= MAX_ATTEMPTS)
      await this.#deadLetter(event, attempts, 'MaxDeliveryAttemptsExceeded', outcome);
    else if (dueAt > event.publishedAt + TIME_TO_LIVE_MS)
      await this.#deadLetter(event, attempts, 'TimeToLiveExceeded', outcome);
    else {
      const retry = { ...event, attempts, dueAt };
      await store.save([retry]);
      this.add(retry);
    }
  }

  async #deadLetter(
    event: PendingEvent,
    attempts: number,
    reason: string,
    outcome: DeliveryOutcome,
  ): Promise<void> {
    const { clock, store, onDeadLettered } = this.options;
    await store.deadLetter(event, {
      functionName: event.functionName,
      event: JSON.parse(event.event.json),
      deadLetterReason: reason,
      deliveryAttempts: attempts,
      lastDeliveryOutcome: outcome.text,
      publishTime: new Date(event.publishedAt).toISOString(),
      lastDeliveryAttemptTime: new Date(clock.now()).toISOString(),
    });
    onDeadLettered(
      `Event '${event.event.id}' for function '${event.functionName}' was dead-lettered after ${attempts} attempts: ${reason}, last response ${outcome.text}.`,
    );
  }

  async #post({ functionName, event, attempts }: PendingEvent): Promise<DeliveryOutcome> {
    const { clock, webhook } = this.options;
    const cloud = event.schema === 'cloud-event';
    const late = new AbortController();
    const cancel = clock.at(clock.now() + RESPONSE_TIMEOUT_MS, () => late.abort());
    try {
      const response = await fetch(webhook(functionName), {
        method: 'POST',
        headers: {
          'content-type': `application/${cloud ? 'cloudevents+json' : 'json'}; charset=utf-8`,
          'aeg-event-type': 'Notification',
          'aeg-subscription-name': functionName.toUpperCase(),
          'aeg-delivery-count': String(attempts),
          ...(cloud ? {} : { 'aeg-data-version': event.dataVersion ?? '', 'aeg-metadata-version': '1' }),
        },
        body: cloud ? event.json : `[${event.json}]`,
        signal: AbortSignal.any([late.signal, this.#abort.signal]),
      });
      await response.arrayBuffer();
      return {
        delivered: response.ok,
        final: NOT_RETRIED.has(response.status),
        text: String(response.status),
      };
    } catch {
      return { delivered: false, final: false, text: late.signal.aborted ? 'TimedOut' : 'Unreachable' };
    } finally {
      cancel();
    }
  }
}
