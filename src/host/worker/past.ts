/**
 * Both ends of how a turn's history reaches the thread: the sender posts only what the thread has not been given,
 * the thread puts the trigger's value together from what it remembers. The library gets the same values as ever;
 * that some objects have served an earlier turn it cannot tell: all it does to them is to turn times into dates.
 */
import { parseLenientJson } from '../doors/lenient-json.js';
import type { SentTurn } from './messages.js';
import type { TurnData } from './types.js';

/** Characters of history that the thread remembers; the least recently used executions go first. */
const LIMIT = 8_000_000;

/** How much of each past a thread has been given. */
export class Given {
  readonly #turns = new WeakMap<TurnData['past'], number>();

  /** @param whole after the thread has said that it does not remember. */
  send({ past, ...rest }: TurnData, whole: boolean): SentTurn {
    const known = whole ? 0 : (this.#turns.get(past) ?? 0);
    this.#turns.set(past, past.turns);
    return { ...rest, known, past: past.texts(known) };
  }
}

interface Remembered {
  readonly events: unknown[];
  turns: number;
  size: number;
}

export class Past {
  readonly #executions = new Map<string, Remembered>();
  #size = 0;

  /** The trigger's value as the library reads it, or undefined when the past must be sent whole. */
  binding(turn: SentTurn): object | undefined {
    const past = this.#take(turn);
    if (past === undefined) return undefined;
    const history = [...past.events, ...parse(turn.fresh)];
    return { history, input: inputOf(history), ...(JSON.parse(turn.rest) as object) };
  }

  #take({ executionId, known, past }: SentTurn): Remembered | undefined {
    const before = known === 0 ? { events: [], turns: 0, size: 0 } : this.#executions.get(executionId);
    if (before?.turns !== known) return undefined;
    this.#drop(executionId);
    for (const text of past) {
      before.events.push(...parse(text));
      before.size += text.length;
    }
    before.turns += past.length;
    this.#executions.set(executionId, before);
    this.#size += before.size;
    for (const [oldest] of this.#executions) {
      if (this.#size <= LIMIT || oldest === executionId) break;
      this.#drop(oldest);
    }
    return before;
  }

  #drop(executionId: string): void {
    this.#size -= this.#executions.get(executionId)?.size ?? 0;
    this.#executions.delete(executionId);
  }
}

/** The input stands in the history as its sender wrote it, which the real host reads more leniently than JavaScript. */
function inputOf(history: readonly unknown[]): unknown {
  const { Input } = history.find((event) => (event as { EventType: number }).EventType === 0) as {
    Input: string | null;
  };
  if (Input === null) return null;
  try {
    return JSON.parse(Input);
  } catch {
    return parseLenientJson(Input);
  }
}

const parse = (events: string): unknown[] => JSON.parse(`[${events}]`) as unknown[];
