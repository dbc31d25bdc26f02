/**
 * Everything that relies on the inside of `durable-functions`. It only saves time and memory: the first turn in each
 * thread runs without it and shows whether the library has these parts. They are found in the objects of that turn, so
 * that a bundled library is no different. If one is missing, the host does without, and reports it once.
 */

/** The value of an orchestration's trigger. */
export interface TriggerValue {
  history: unknown[];
  input: unknown;
}

/** The members of `context.df` that the library uses for itself. */
interface OrchestrationContext {
  readonly state?: unknown;
  readonly taskOrchestratorExecutor?: unknown;
}

export class LibraryInternals {
  #state: 'unchecked' | 'found' | 'missing' = 'unchecked';
  /** Prepared values whose history has not been read. */
  readonly #unread = new WeakSet<TriggerValue>();

  /**
   * @param isObserved whether the app has hooks, which see what the library gets: then nothing is optimised.
   * @param onMissing called once, with what the library lacks.
   */
  constructor(
    private readonly isObserved: () => boolean,
    private readonly onMissing: (missing: string) => void,
  ) {}

  /** Whether trigger values and events may be prepared, and released after the turn. */
  get areUsable(): boolean {
    return this.#state === 'found' && !this.isObserved();
  }

  /**
   * A trigger's value that spares the library its walk through the whole history in search of times: they are dates
   * already, see `prepareEvents`, and the history is no enumerable property.
   */
  prepareValue(
    otherMembers: object,
    history: unknown[],
    input: unknown,
    inputMayHaveTimes: boolean,
  ): TriggerValue {
    const value = Object.defineProperties(otherMembers, {
      history: {
        get: () => {
          this.#unread.delete(value);
          return history;
        },
      },
      input: { value: input, enumerable: inputMayHaveTimes, writable: true },
    }) as TriggerValue;
    this.#unread.add(value);
    return value;
  }

  /**
   * To be called after each turn.
   * @param df `context.df`
   * @returns false if the library did not see the history: the turn has not run and must be repeated.
   */
  turnEnded(value: TriggerValue, df: OrchestrationContext | undefined): boolean {
    if (this.isObserved()) return true;
    if (this.#unread.has(value)) {
      this.#missing('does not read a history that is not enumerable');
      return false;
    }
    if (this.#state === 'unchecked' && df !== undefined) this.#check(value, df);
    if (this.#state === 'found') release(value, df);
    return true;
  }

  #check({ history }: TriggerValue, df: OrchestrationContext): void {
    const executor = df.taskOrchestratorExecutor;
    if (typeof executor !== 'object' || executor === null)
      this.#missing('has no context.df.taskOrchestratorExecutor');
    else if (df.state !== history) this.#missing('does not refer to the history as context.df.state');
    else if (!history.every((event) => (event as { Timestamp?: unknown }).Timestamp instanceof Date))
      this.#missing('does not turn the times of history events into dates');
    else this.#state = 'found';
  }

  #missing(what: string): void {
    this.#state = 'missing';
    this.onMissing(`The app's version of durable-functions ${what}.`);
  }
}

/** Turns times into dates as the library does: any property of this name, at any depth. */
export function prepareEvents(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const at = value as { Timestamp?: unknown };
  if (typeof at.Timestamp === 'string' && Object.hasOwn(value, 'Timestamp'))
    at.Timestamp = new Date(at.Timestamp);
  for (const inner of Object.values(value)) prepareEvents(inner);
}

/**
 * Releases what only the libraries still reference of an answered turn. They create a generator function for each call,
 * and V8 frees what such a function can see only in a full garbage collection.
 */
function release(value: TriggerValue, df: OrchestrationContext | undefined): void {
  value.history.length = 0;
  value.input = undefined;
  for (const holder of [df, df?.taskOrchestratorExecutor]) {
    if (typeof holder !== 'object' || holder === null) continue;
    for (const name of Object.keys(holder)) (holder as Record<string, unknown>)[name] = undefined;
  }
}
