import { type Clock, virtualClock } from 'functions-emulator';

/** A virtual clock on which time can also pass while something is in flight, as it does when a service is slow. */
export class SlowClock implements Clock {
  readonly kind = 'virtual';
  readonly #inner: Clock;
  readonly #listeners = new Set<(from: number, to: number) => void>();
  #passed = 0;

  constructor(start: number) {
    this.#inner = virtualClock(start);
  }

  now(): number {
    return this.#inner.now() + this.#passed;
  }

  at(dueAt: number, fire: () => void): () => void {
    return this.#inner.at(dueAt - this.#passed, fire);
  }

  hold(reason: string): () => void {
    return this.#inner.hold(reason);
  }

  onJump(listener: (from: number, to: number) => void): () => void {
    this.#listeners.add(listener);
    const stop = this.#inner.onJump((from, to) => listener(from + this.#passed, to + this.#passed));
    return () => {
      this.#listeners.delete(listener);
      stop();
    };
  }

  pass(ms: number): void {
    const from = this.now();
    this.#passed += ms;
    for (const listener of this.#listeners) listener(from, this.now());
  }
}
