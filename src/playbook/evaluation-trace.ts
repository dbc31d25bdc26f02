import { EvaluationError } from '@marcbachmann/cel-js';
import { canonicalJson } from '../domain/canonical.js';
import { type Observer, UnknownValue } from './cel-values.js';

const MAX_TEXT = 300;
const MAX_LIST = 20;
const MAX_VALUES = 100;

/** What one evaluation of a condition read, and why its result is unknown. */
export class EvaluationTrace implements Observer {
  private readonly seen = new Map<string, unknown>();
  private readonly absent = new Set<string>();
  private readonly unknowns = new Set<string>();

  saw(path: string, value: unknown): void {
    this.seen.set(path, brief(value));
  }
  lacked(path: string): void {
    this.absent.add(path);
  }
  missed(reason: string): void {
    this.unknowns.add(reason);
  }

  get values(): Readonly<Record<string, unknown>> {
    const entries = [...this.seen].slice(0, MAX_VALUES);
    const more = this.seen.size - entries.length;
    return Object.fromEntries(more > 0 ? [...entries, ['…', `${more} more values`]] : entries);
  }

  reasons(thrown: unknown): string[] {
    const absent = [...this.absent].map((path) => `${path} has no value`);
    const known = [...this.unknowns, ...absent];
    if (thrown instanceof UnknownValue || (known.length > 0 && isMissingKey(thrown))) return known;
    const message =
      thrown instanceof EvaluationError ? thrown.summary : 'the expression could not be evaluated';
    return [...known, message];
  }
}

const isMissingKey = (thrown: unknown) => thrown instanceof EvaluationError && thrown.code === 'no_such_key';

/** A value short enough for the record. */
function brief(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_LIST).map(brief);
    return value.length > MAX_LIST ? [...items, `… ${value.length - MAX_LIST} more`] : items;
  }
  if (typeof value === 'object' && value !== null) {
    const text = canonicalJson(value);
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : value;
  }
  return value;
}
