/** The history of recent executions in the app's thread, so that the sender posts only new events. */
import { parseLenientJson } from '../json/lenient-json.js';
import { type LibraryInternals, prepareEvents, type TriggerValue } from './library-internals.js';
import type { SentTurn } from './thread-messages.js';

/** Characters of history that are cached; the least recently used executions are evicted first. */
const LIMIT = 8_000_000;

interface CachedHistory {
  readonly events: unknown[];
  turns: number;
  size: number;
}

export class HistoryCache {
  readonly #executions = new Map<string, CachedHistory>();
  #size = 0;

  constructor(private readonly internals: LibraryInternals) {}

  /** The trigger's value as the library reads it, or undefined when the past must be sent whole. */
  triggerValue(turn: SentTurn): TriggerValue | undefined {
    const cached = this.#take(turn);
    if (cached === undefined) return undefined;
    const history = [...cached.events, ...this.#parse(turn.newEvents)];
    const text = inputText(history);
    const input = text === null ? null : inputOf(text);
    const otherMembers = JSON.parse(turn.otherMembers) as object;
    return this.internals.areUsable
      ? this.internals.prepareValue(otherMembers, history, input, mayHaveTimes(text))
      : { ...otherMembers, history, input };
  }

  /** A completed execution is not replayed again, as a rule. */
  evict(executionId: string): void {
    this.#size -= this.#executions.get(executionId)?.size ?? 0;
    this.#executions.delete(executionId);
  }

  #take({ executionId, cachedTurns, pastEvents }: SentTurn): CachedHistory | undefined {
    const before = cachedTurns === 0 ? { events: [], turns: 0, size: 0 } : this.#executions.get(executionId);
    if (before?.turns !== cachedTurns) return undefined;
    this.evict(executionId);
    for (const text of pastEvents) {
      before.events.push(...this.#parse(text));
      before.size += text.length;
    }
    before.turns += pastEvents.length;
    this.#executions.set(executionId, before);
    this.#size += before.size;
    for (const [oldest] of this.#executions) {
      if (this.#size <= LIMIT || oldest === executionId) break;
      this.evict(oldest);
    }
    return before;
  }

  /** Without the preparation the library turns times into dates itself, also those of cached events. */
  #parse(texts: string): unknown[] {
    const events = JSON.parse(`[${texts}]`) as unknown[];
    if (this.internals.areUsable) prepareEvents(events);
    return events;
  }
}

function inputText(history: readonly unknown[]): string | null {
  const start = history.find((event) => (event as { EventType: number }).EventType === 0);
  return (start as { Input: string | null }).Input;
}

/** The input is in the history as its sender wrote it; the real host parses it more leniently than JavaScript. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseLenientJson(text);
  }
}

/** A property's name may be written with escapes. */
const mayHaveTimes = (text: string | null): boolean =>
  text !== null && (text.includes('Timestamp') || text.includes('\\u'));
