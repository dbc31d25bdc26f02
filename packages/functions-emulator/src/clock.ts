/**
 * The clocks of the host. Its parts take a Clock, so that the same code runs on the wall clock and on a virtual one
 * that jumps from timer to timer.
 */
import type { Clock } from './types.js';

/** setTimeout cannot wait longer than this (2^31 - 1 ms); longer waits are cut into pieces. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** Real time that must pass without a hold before a virtual clock may jump: an answer on a socket may be on its way. */
const SETTLE_MS = 2;

interface Entry {
  readonly dueAt: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/** Tracks what is in flight, and calls `onIdle` when nothing has been for a moment. */
class Holds {
  readonly #held = new Set<symbol>();
  #watching = false;

  constructor(private readonly onIdle: () => void) {}

  get none(): boolean {
    return this.#held.size === 0;
  }

  add(reason: string): () => void {
    const key = Symbol(reason);
    this.#held.add(key);
    return () => {
      if (this.#held.delete(key) && this.none) this.watch();
    };
  }

  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    // Timers run before sockets are polled and immediates after: pending I/O has been handled by then.
    setTimeout(() => {
      setImmediate(() => {
        this.#watching = false;
        if (this.none) this.onIdle();
      });
    }, SETTLE_MS);
  }
}

class WallClock implements Clock {
  readonly kind = 'wall' as const;

  now(): number {
    return Date.now();
  }

  at(dueAt: number, fire: () => void): () => void {
    let timer: NodeJS.Timeout;
    const sleep = (): void => {
      const left = dueAt - Date.now();
      timer = left > MAX_TIMEOUT_MS ? setTimeout(sleep, MAX_TIMEOUT_MS) : setTimeout(wake, Math.max(0, left));
    };
    const wake = (): void => {
      // A timer of the runtime may fire a millisecond before its time.
      if (Date.now() < dueAt) sleep();
      else fire();
    };
    sleep();
    return () => clearTimeout(timer);
  }

  hold(): () => void {
    return () => undefined;
  }

  onJump(): () => void {
    return () => undefined;
  }
}

class VirtualClock implements Clock {
  readonly kind = 'virtual' as const;
  #now: number;
  #entries: Entry[] = [];
  readonly #listeners = new Set<(from: number, to: number) => void>();
  readonly #holds = new Holds(() => this.#jump());

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  at(dueAt: number, fire: () => void): () => void {
    const entry: Entry = { dueAt, fire, cancelled: false };
    const place = this.#entries.findIndex((other) => other.dueAt > dueAt);
    if (place < 0) this.#entries.push(entry);
    else this.#entries.splice(place, 0, entry);
    if (this.#holds.none) this.#holds.watch();
    return () => {
      entry.cancelled = true;
    };
  }

  hold(reason: string): () => void {
    return this.#holds.add(reason);
  }

  onJump(listener: (from: number, to: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Advances to the earliest entry and fires all entries due then. Callers ensure that nothing is held. */
  #jump(): void {
    while (this.#entries[0]?.cancelled) this.#entries.shift();
    const first = this.#entries[0];
    if (first === undefined) return;
    const from = this.#now;
    if (first.dueAt > from) {
      this.#now = first.dueAt;
      for (const listener of this.#listeners) listener(from, this.#now);
    }
    // While timers fire, no other jump may start.
    const release = this.hold('firing timers');
    while (this.#entries[0] !== undefined && this.#entries[0].dueAt <= this.#now) {
      const entry = this.#entries.shift() as Entry;
      if (!entry.cancelled) entry.fire();
    }
    release();
  }
}

/** The system's time. */
export function wallClock(): Clock {
  return new WallClock();
}

/**
 * A clock that is frozen while anything is in flight and otherwise jumps to the next timer.
 * @param startMs initial time, in milliseconds since the Unix epoch.
 */
export function virtualClock(startMs: number): Clock {
  return new VirtualClock(startMs);
}

/**
 * The clock as the host's parts see it: their holds count as in flight, while holds that the clock's owner takes
 * directly do not.
 */
export function trackInFlight(clock: Clock): { readonly clock: Clock; readonly idle: () => Promise<void> } {
  const waiting = new Set<() => void>();
  const holds = new Holds(() => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  });
  return {
    clock: {
      kind: clock.kind,
      now: () => clock.now(),
      at: (dueAt, fire) => clock.at(dueAt, fire),
      onJump: (listener) => clock.onJump(listener),
      hold: (reason) => {
        const ends = [holds.add(reason), clock.hold(reason)];
        return () => {
          for (const end of ends) end();
        };
      },
    },
    idle: () =>
      new Promise((resolve) => {
        waiting.add(resolve);
        if (holds.none) holds.watch();
      }),
  };
}
