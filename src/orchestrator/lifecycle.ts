/** Publishes what happens to the case, beside the handling. The handling never waits for it, apart from the very end. */
import type { CaseFile } from '../domain/case-file.js';
import { type LifecycleEvent, lifecycleBetween } from '../domain/lifecycle-event.js';
import type { CaseRecorder } from './case-recorder.js';
import { type Context, isoTime } from './durable.js';
import { COMPUTE, callWithRetries } from './retry.js';
import { type Process, until } from './scheduler.js';
import type { Waiting } from './waiting.js';

/** One call publishes at most this many events: Event Grid takes 1 MB. */
const MOST_EVENTS = 30;

export class Lifecycle {
  readonly #queue: LifecycleEvent[] = [];
  /** The case file as far as its events are queued. */
  #seen: CaseFile | undefined;
  #sequence = 0;
  #isOn = false;
  #isOver = false;
  #isSending = false;
  #isNoted = false;

  constructor(
    private readonly ctx: Context,
    private readonly waiting: Waiting,
    private readonly record: CaseRecorder,
  ) {}

  /** The app publishes events. An activity says so, because an orchestrator does not know the settings. */
  begin(): void {
    this.#isOn = true;
  }

  /** Whether everything up to now is published, or left to an instance that publishes it later. */
  get isFlushed(): boolean {
    return !this.#hasNews && this.#queue.length === 0 && !this.#isSending;
  }

  /** Ends `collect` and `send`. */
  end(): void {
    this.#isOver = true;
  }

  /** Queues the events of every change. It must run behind all other processes, so that one change is seen whole. */
  *collect(): Process<void> {
    for (;;) {
      yield* until(() => this.#hasNews || this.#isOver);
      if (!this.#hasNews) return;
      const { file } = this.record;
      for (const happened of lifecycleBetween(this.#seen, file)) {
        this.#sequence += 1;
        const { instanceId, generation, revision, origin, number } = file;
        const at = happened.type === 'Received' ? file.receivedAt : isoTime(this.ctx);
        const incident = { origin, ...(number === undefined ? {} : { number }) };
        const about = { instanceId, generation, sequence: this.#sequence, revision, incident };
        this.#queue.push({ ...happened, at, about });
      }
      this.#seen = file;
    }
  }

  *send(): Process<void> {
    for (;;) {
      yield* until(() => this.#queue.length > 0 || this.#isOver);
      if (this.#queue.length === 0) return;
      this.#isSending = true;
      const events = this.#queue.splice(0, MOST_EVENTS);
      const result = yield* callWithRetries(this.waiting, 'publishEvents', { events }, COMPUTE);
      const error = result.ok ? result.value.error : result.error;
      if (error !== undefined && !this.#isNoted) {
        const then = fateOf(result.ok ? result.value : { later: false }, events.length);
        const texts = ['Lifecycle events could not be published:', error.message, error.next ?? [], then];
        this.record.add({ text: texts.flat().join(' ') });
      }
      this.#isNoted = error !== undefined;
      this.#isSending = false;
    }
  }

  get #hasNews(): boolean {
    return this.#isOn && this.record.file !== this.#seen;
  }
}

function fateOf({ later, lost }: { later: boolean; lost?: number | undefined }, sent: number): string {
  if (lost === undefined) return later ? 'They are published later.' : 'They are lost.';
  const rest = later ? 'The others are published later.' : 'The others are published.';
  return `${lost} of ${sent} events ${lost === 1 ? 'is' : 'are'} lost. ${rest}`;
}
