/**
 * Both ends of how a turn's history reaches the thread: the sender posts only what the thread has not been given,
 * the thread puts the trigger's value together from what it remembers. The library gets the same values as ever;
 * that some objects have served an earlier turn it cannot tell: all it does to them is to turn times into dates.
 * That is done here, once, and hidden: the library would walk through everything at each turn.
 */
import { parseLenientJson } from '../json/lenient-json.js';
import type { SentTurn } from './thread-messages.js';

/** Characters of history that the thread remembers; the least recently used executions go first. */
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
    const past = this.#take(turn, visibleToHooks);
    if (past === undefined) return undefined;
    const history = [...past.events, ...parse(turn.newEvents, visibleToHooks)];
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

  /** An execution that has come to its end is not asked for again, as a rule. */
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

/** The input stands in the history as its sender wrote it, which the real host reads more leniently than JavaScript. */
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

/** As the library does it: any property of this name, however deep. */
function makeDates(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const at = value as { Timestamp?: unknown };
  if (typeof at.Timestamp === 'string' && Object.hasOwn(value, 'Timestamp'))
    at.Timestamp = new Date(at.Timestamp);
  for (const inner of Object.values(value)) makeDates(inner);
}
