import type { Paint } from '../terminal.js';
import { clipToWidth } from '../wrap.js';

const SECOND = 1000;
const CLEAR_LINE = '\r\u001b[2K';

/** `3:59:07` */
export function hoursMinutesSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** The last line of a terminal: how many incidents wait, and the time left. */
export class Countdown {
  readonly #waiting = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #paused = false;

  constructor(
    private readonly out: { write(text: string): unknown; readonly columns?: number },
    private readonly paint: Paint,
    private readonly now: () => number,
  ) {}

  add(instanceId: string, expiresAt: number): void {
    this.#waiting.set(instanceId, expiresAt);
    this.#timer ??= setInterval(() => this.#draw(), SECOND).unref();
    this.#draw();
  }

  remove(instanceId: string): void {
    if (!this.#waiting.has(instanceId)) return;
    this.#clear();
    this.#waiting.delete(instanceId);
    if (this.#waiting.size === 0) this.close();
    else this.#draw();
  }

  /** Prints lines above the countdown. */
  above(print: () => void): void {
    this.#clear();
    print();
    this.#draw();
  }

  pause(): void {
    this.#clear();
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
    this.#waiting.clear();
  }

  #clear(): void {
    if (this.#waiting.size > 0 && !this.#paused) this.out.write(CLEAR_LINE);
  }

  #draw(): void {
    const [first] = [...this.#waiting.values()].sort((a, b) => a - b);
    if (first === undefined || this.#paused) return;
    const left = hoursMinutesSeconds(first - this.now());
    const others =
      this.#waiting.size === 1 ? '' : `; ${this.#waiting.size} incidents wait, the first expires first`;
    // The sign takes two columns.
    const text = clipToWidth(`waiting, ${left} left${others}`, this.out.columns && this.out.columns - 3);
    this.out.write(`${CLEAR_LINE}${this.paint('yellow', '⏳')} ${text}`);
  }
}
