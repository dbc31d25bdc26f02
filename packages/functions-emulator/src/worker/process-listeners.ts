/** The listeners of `process` in this thread, so that those of an app can be removed. */
type Listener = (...args: unknown[]) => void;

export class ProcessListeners {
  readonly #before = new Map(
    process.eventNames().map((name) => [name, new Set(process.listeners(name as 'exit'))]),
  );

  /** Removes all listeners that were added since. */
  removeOthers(): void {
    for (const name of process.eventNames()) {
      for (const listener of process.listeners(name as 'exit'))
        if (!this.#before.get(name)?.has(listener)) process.removeListener(name, listener as Listener);
    }
  }
}
