/** Shows facts as they come: JSON lines for programs, plain lines for logs, live rows and a countdown for people. */
import type { Terminal } from '../terminal.js';
import { Countdown } from './countdown.js';
import type { Fact, Note } from './facts.js';
import { EnrichmentRows } from './rows.js';
import { describe, type Words } from './text.js';

export interface Display {
  show(fact: Fact | Note): void;
  /** A line that is not about an incident. */
  line(text: string): void;
  close(): void;
}

export function openDisplay(terminal: Terminal, words: Words, now: () => number): Display {
  if (terminal.json) return jsonDisplay(terminal);
  return terminal.live ? new LiveDisplay(terminal, words, now) : plainDisplay(terminal, words);
}

function jsonDisplay(terminal: Terminal): Display {
  return {
    show: ({ at, ...fact }) => terminal.data({ at: new Date(at).toISOString(), ...fact }),
    line: () => undefined,
    close: () => undefined,
  };
}

function plainDisplay(terminal: Terminal, words: Words): Display {
  return {
    show(fact) {
      for (const line of describe(fact, words)) terminal.line(line);
    },
    line: (text) => terminal.line(text),
    close: () => undefined,
  };
}

/**
 * While enrichments run, their rows own the screen and other lines wait; while an incident waits for approval, the
 * last line counts the time that is left.
 */
class LiveDisplay implements Display {
  #rows: EnrichmentRows | undefined;
  #later: (() => void)[] = [];
  readonly #countdown: Countdown;

  constructor(
    private readonly terminal: Terminal,
    private readonly words: Words,
    now: () => number,
  ) {
    this.#countdown = new Countdown(process.stdout, terminal.paint, now);
  }

  show(fact: Fact | Note): void {
    if (fact.kind !== 'note' && this.#rows?.take(fact)) return;
    if (fact.kind === 'enriching' && fact.rows.length > 0 && this.#rows === undefined) {
      this.#print(describe(fact, this.words));
      this.#countdown.pause();
      this.#rows = new EnrichmentRows(fact.instanceId, fact.rows, this.terminal.paint);
      void this.#rows.done.then(() => this.#rowsDone());
      return;
    }
    this.#whenFree(() => {
      this.#print(describe(fact, this.words));
      if (fact.kind === 'waiting' || fact.kind === 'waits-until') {
        if (fact.expiresAt === undefined) this.#countdown.remove(fact.instanceId);
        else this.#countdown.add(fact.instanceId, Date.parse(fact.expiresAt));
      }
      if (fact.kind === 'ended' || fact.kind === 'broken') this.#countdown.remove(fact.instanceId);
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
