/** Decides which instance runs its next turn, and how many do at a time. */
import { FairQueue } from './fair-queue.js';
import type { Instance, Message } from './instance.js';

export interface SchedulerOptions {
  /** How many turns the app executes at a time; further ones are only being committed. */
  readonly maxConcurrentTurns: number;
  /**
   * Executes and commits a turn.
   * @param onExecuted to be called when the app has responded.
   * @returns false if the app's thread ended: nothing has happened then.
   */
  readonly execute: (
    instance: Instance,
    batch: readonly Message[],
    onExecuted: () => void,
  ) => Promise<boolean>;
  readonly onTurnBegun: (instance: Instance) => void;
  readonly onTurnEnded: (instance: Instance) => void;
  readonly onAborted: (instance: Instance) => void;
  readonly onFailed: (instance: Instance, error: unknown) => void;
  /** Whether instances wait for something that will make them ready within moments. */
  readonly isBatching: () => boolean;
}

export class TurnScheduler {
  readonly #ready = new FairQueue<Instance>();
  readonly #idleListeners: (() => void)[] = [];
  /** Turns that the app is executing. */
  #executing = 0;
  /** Turns that have begun and are not yet committed. */
  #uncommitted = 0;
  #isScheduled = false;
  #stopped = false;

  constructor(private readonly options: SchedulerOptions) {}

  /** Queues an instance that is ready. */
  add(instance: Instance): void {
    if (this.#stopped) return;
    // An evicted instance counts as new, so that instances in memory end first. Entities have no history.
    const isEvicted = instance.row?.entityState === null && instance.historySize === 0;
    this.#ready.add(instance, isEvicted || instance.row?.status === 'Pending');
    this.#schedule();
  }

  /** Begins no more turns. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when no turn runs and, unless it is stopped, none is about to. */
  whenIdle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  get #isIdle(): boolean {
    if (this.#uncommitted > 0) return false;
    return this.#stopped || (this.#ready.isEmpty && !this.options.isBatching());
  }

  #schedule(): void {
    if (this.#isScheduled || this.#stopped) return;
    this.#isScheduled = true;
    // Later in this turn of the event loop more completions may arrive: they belong into the same turn.
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#executing < this.options.maxConcurrentTurns && !this.#stopped) {
        const instance = this.#ready.next();
        if (instance === undefined) return;
        void this.#run(instance);
      }
    });
  }

  async #run(instance: Instance): Promise<void> {
    this.#uncommitted += 1;
    this.#executing += 1;
    let isExecuting = true;
    const onExecuted = (): void => {
      if (!isExecuting) return;
      isExecuting = false;
      this.#executing -= 1;
      this.#schedule();
    };
    const { options } = this;
    options.onTurnBegun(instance);
    const batch = instance.beginTurn();
    let isAborted = false;
    try {
      isAborted = !(await options.execute(instance, batch, onExecuted));
    } catch (error) {
      // The store has failed and reported it; there is nothing more to do.
      if (!this.#stopped) options.onFailed(instance, error);
    }
    onExecuted();
    this.#uncommitted -= 1;
    if (isAborted) {
      options.onAborted(instance);
      instance.abortTurn(batch);
    } else instance.endTurn();
    options.onTurnEnded(instance);
    if (this.#idleListeners.length > 0 && this.#isIdle)
      for (const resolve of this.#idleListeners.splice(0)) resolve();
  }
}
