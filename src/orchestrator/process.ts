/**
 * A process is one linear course of events: it waits by yielding what it waits for. Several run side by side in one
 * orchestration; which one goes on depends only on what has happened, so every replay does the same.
 */

/** What a process waits for. */
export interface Pause {
  /** Looked at after everything that happens; the process goes on once it is true. */
  readonly ready: () => boolean;
  /** When to look in any case, in milliseconds since the epoch. */
  readonly wakeAt?: number | undefined;
  /** Whether messages to the instance are to be taken in meanwhile. */
  readonly hears?: boolean;
}

/** Called with `yield*` by another process, or started in a Group. */
export type Process<T> = Generator<Pause, T, void>;

/** Waits until something is so. */
export function* until(ready: () => boolean): Process<void> {
  if (!ready()) yield { ready };
}

interface Member {
  readonly course: Process<void>;
  pause: Pause;
}

/** Processes side by side. Others may be started while it runs; it ends when all have ended. */
export class Group {
  #members: Member[] = [];

  constructor(processes: Iterable<Process<void>> = []) {
    for (const course of processes) this.start(course);
  }

  start(course: Process<void>): void {
    this.#members.push({ course, pause: { ready: () => true } });
  }

  /** An error of one process ends the group with it. */
  *run(): Process<void> {
    for (;;) {
      this.#goOn();
      if (this.#members.length === 0) return;
      const pauses = this.#members.map(({ pause }) => pause);
      const times = pauses.flatMap(({ wakeAt }) => wakeAt ?? []);
      yield {
        ready: () => this.#members.some(({ pause }) => pause.ready()),
        wakeAt: times.length === 0 ? undefined : Math.min(...times),
        hears: pauses.some(({ hears }) => hears === true),
      };
    }
  }

  /** Until none can: what one does may be what another waits for. */
  #goOn(): void {
    for (;;) {
      const next = this.#members.find(({ pause }) => pause.ready());
      if (next === undefined) return;
      const step = next.course.next();
      if (step.done) this.#members = this.#members.filter((member) => member !== next);
      else next.pause = step.value;
    }
  }
}

/** Runs processes side by side until all have ended. */
export function together(processes: Iterable<Process<void>>): Process<void> {
  return new Group(processes).run();
}

/** Lets processes do something one after the other, in the order in which they came. */
export class Line {
  readonly #waiting: object[] = [];

  /** How many are doing it or wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  *alone<T>(course: () => Process<T>): Process<T> {
    const ticket = {};
    this.#waiting.push(ticket);
    yield { ready: () => this.#waiting[0] === ticket };
    try {
      return yield* course();
    } finally {
      this.#waiting.shift();
    }
  }
}
