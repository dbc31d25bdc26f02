/**
 * The history of recent executions in the app's thread, so that the sender posts only new events. The library gets the
 * same values as without the cache. It cannot detect that it has seen some objects in an earlier turn: all that it does to
 * them is to turn times into dates. The cache does that, once, and hides the properties, because the library would
 * otherwise walk through the whole history in each turn.
 */
import { parseLenientJson } from '../json/lenient-json.js';
import type { SentTurn } from './thread-messages.js';

/** Characters of history that are cached; the least recently used executions are evicted first. */
const LIMIT = 8_000_000;

/** The value of an orchestration's trigger. */
export interface TriggerValue {
  history: unknown[];
  input: unknown;
}

interface CachedHistory {
  readonly events: unknown[];
  turns: number;
  size: number;
}

export class HistoryCache {
  readonly #executions = new Map<string, CachedHistory>();
  #size = 0;

  /**
   * The trigger's value as the library reads it, or undefined when the past must be sent whole.
   * @param shown whether the app's hooks see it, too: then it is left as it is, for the library to walk through.
   */
  triggerValue(turn: SentTurn, visibleToHooks: boolean): TriggerValue | undefined {
    const cached = this.#take(turn, visibleToHooks);
    if (cached === undefined) return undefined;
    const history = [...cached.events, ...parse(turn.newEvents, visibleToHooks)];
    const text = inputText(history);
    const input = {
      value: text === null ? null : inputOf(text),
      enumerable: visibleToHooks || mayHaveTimes(text),
    };
    const binding = JSON.parse(turn.otherMembers) as TriggerValue;
    return Object.defineProperties(binding, {
      history: { value: history, enumerable: visibleToHooks, writable: true },
      input: { ...input, writable: true },
    });
  }

  /** A completed execution is not replayed again, as a rule. */
  evict(executionId: string): void {
    this.#size -= this.#executions.get(executionId)?.size ?? 0;
    this.#executions.delete(executionId);
  }

  #take(
    { executionId, cachedTurns, pastEvents }: SentTurn,
    visibleToHooks: boolean,
  ): CachedHistory | undefined {
    const before = cachedTurns === 0 ? { events: [], turns: 0, size: 0 } : this.#executions.get(executionId);
    if (before?.turns !== cachedTurns) return undefined;
    this.evict(executionId);
    for (const text of pastEvents) {
      before.events.push(...parse(text, visibleToHooks));
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

function parse(texts: string, visibleToHooks: boolean): unknown[] {
  const events = JSON.parse(`[${texts}]`) as unknown[];
  if (!visibleToHooks) makeDates(events);
  return events;
}

/** As the library does: any property of this name, at any depth. */
function makeDates(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const at = value as { Timestamp?: unknown };
  if (typeof at.Timestamp === 'string' && Object.hasOwn(value, 'Timestamp'))
    at.Timestamp = new Date(at.Timestamp);
  for (const inner of Object.values(value)) makeDates(inner);
}
