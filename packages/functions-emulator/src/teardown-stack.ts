/** What a start has opened, so that a stop, and a start that fails, close it in reverse order. */
export class TeardownStack {
  readonly #stack: (() => Promise<void> | void)[] = [];
  #running: Promise<void> = Promise.resolve();

  push(close: () => Promise<void> | void): void {
    this.#stack.push(close);
  }

  /**
   * Closes everything, the last first. A caller that comes meanwhile waits for the same.
   * @throws the first error; the rest is closed nevertheless.
   */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#closeAll());
    return this.#running;
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#stack.pop(); close !== undefined; close = this.#stack.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
