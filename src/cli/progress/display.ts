/** Shows progress events: JSON lines for programs, plain lines for logs, live rows and a countdown for a terminal. */
import type { Terminal } from '../terminal.js';
import { Countdown } from './countdown.js';
import { EnrichmentRows } from './enrichment-rows.js';
import type { Note, ProgressEvent } from './progress-events.js';
import { describeProgress, type TextOptions } from './text.js';

export interface Display {
  show(progress: ProgressEvent | Note): void;
  /** A line that is not about an incident. */
  line(text: string): void;
  close(): void;
}

export function openDisplay(terminal: Terminal, options: TextOptions, now: () => number): Display {
  if (terminal.json) return jsonDisplay(terminal);
  return terminal.live ? new LiveDisplay(terminal, options, now) : plainDisplay(terminal, options);
}

function jsonDisplay(terminal: Terminal): Display {
  return {
    show: ({ at, ...progress }) => terminal.data({ at: new Date(at).toISOString(), ...progress }),
    line: () => undefined,
    close: () => undefined,
  };
}

function plainDisplay(terminal: Terminal, options: TextOptions): Display {
  return {
    show(progress) {
      for (const line of describeProgress(progress, options)) terminal.line(line);
    },
    line: (text) => terminal.line(text),
    close: () => undefined,
  };
}

/**
 * While enrichments run, only their rows are drawn and other lines are queued. While an incident waits for approval, the
 * last line shows the time left.
 */
class LiveDisplay implements Display {
  #rows: EnrichmentRows | undefined;
  #later: (() => void)[] = [];
  readonly #countdown: Countdown;

  constructor(
    private readonly terminal: Terminal,
    private readonly options: TextOptions,
    now: () => number,
  ) {
    this.#countdown = new Countdown(process.stdout, terminal.paint, now);
  }

  show(progress: ProgressEvent | Note): void {
    if (progress.kind !== 'note' && this.#rows?.take(progress)) return;
    if (progress.kind === 'enriching' && progress.rows.length > 0 && this.#rows === undefined) {
      this.#print(describeProgress(progress, this.options));
      this.#countdown.pause();
      this.#rows = new EnrichmentRows(progress.instanceId, progress.rows, this.terminal.paint);
      void this.#rows.done.then(() => this.#rowsDone());
      return;
    }
    this.#whenFree(() => {
      this.#print(describeProgress(progress, this.options));
      if (progress.kind === 'waiting' || progress.kind === 'waits-until') {
        if (progress.expiresAt === undefined) this.#countdown.remove(progress.instanceId);
        else this.#countdown.add(progress.instanceId, Date.parse(progress.expiresAt));
      }
      if (progress.kind === 'ended' || progress.kind === 'broken')
        this.#countdown.remove(progress.instanceId);
    });
  }

  line(text: string): void {
    this.#whenFree(() => this.#print([text]));
  }

  close(): void {
    this.#rows?.abandon();
    this.#countdown.close();
  }

  #whenFree(act: () => void): void {
    if (this.#rows === undefined) act();
    else this.#later.push(act);
  }

  #rowsDone(): void {
    this.#rows = undefined;
    this.#countdown.resume();
    for (const act of this.#later.splice(0)) act();
  }

  #print(lines: readonly string[]): void {
    this.#countdown.above(() => {
      for (const line of lines) this.terminal.line(line);
    });
  }
}
