/**
 * Promises that settle synchronously: the real host resumes an orchestration inside the event that completes its task,
 * and later sequence numbers depend on that order. Nothing here uses the event loop.
 */
export type TaskOutcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: Error };

export class Deferred {
  #outcome: TaskOutcome | undefined;
  #listeners: (() => void)[] = [];

  get outcome(): TaskOutcome | undefined {
    return this.#outcome;
  }

  /** The first outcome wins; later ones are ignored. Returns whether this was the first. */
  settle(outcome: TaskOutcome): boolean {
    if (this.#outcome !== undefined) return false;
    this.#outcome = outcome;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
    return true;
  }

  /** Calls `listener` once settled: now, if it is settled already. */
  onSettled(listener: () => void): void {
    if (this.#outcome === undefined) this.#listeners.push(listener);
    else listener();
  }
}

export const settled = (value: unknown): Deferred => {
  const deferred = new Deferred();
  deferred.settle({ kind: 'value', value });
  return deferred;
};

export const failed = (error: Error): Deferred => {
  const deferred = new Deferred();
  deferred.settle({ kind: 'error', error });
  return deferred;
};

/** A body that waits by yielding a Deferred, and gets its value or has its error thrown. */
export type Coroutine = Generator<Deferred, unknown, unknown>;

/** Runs a coroutine to its first open task; the returned Deferred settles with its return value or error. */
export function runCoroutine(body: Coroutine): Deferred {
  const result = new Deferred();
  const step = (previous: TaskOutcome | undefined): void => {
    let outcome = previous;
    for (;;) {
      let next: IteratorResult<Deferred, unknown>;
      try {
        next = outcome?.kind === 'error' ? body.throw(outcome.error) : body.next(outcome?.value);
      } catch (error) {
        result.settle({ kind: 'error', error: error instanceof Error ? error : new Error(String(error)) });
        return;
      }
      if (next.done) {
        result.settle({ kind: 'value', value: next.value });
        return;
      }
      const waited = next.value;
      if (waited.outcome === undefined) {
        waited.onSettled(() => step(waited.outcome));
        return;
      }
      outcome = waited.outcome;
    }
  };
  step(undefined);
  return result;
}

/** Settles once all have; with the first error in their order, if there is one. */
export function whenAll(tasks: readonly Deferred[]): Deferred {
  const result = new Deferred();
  let open = tasks.length;
  const done = (): void => {
    open -= 1;
    if (open > 0) return;
    const error = tasks.find((task) => task.outcome?.kind === 'error')?.outcome;
    result.settle(error ?? { kind: 'value', value: undefined });
  };
  if (open === 0) result.settle({ kind: 'value', value: undefined });
  else for (const task of tasks) task.onSettled(done);
  return result;
}

/** Settles as soon as one of them has, whatever its outcome. */
export function whenAny(tasks: readonly Deferred[]): Deferred {
  const result = new Deferred();
  for (const task of tasks) task.onSettled(() => result.settle({ kind: 'value', value: undefined }));
  return result;
}
