/** Where two results of a replay differ. Pure. */
import { canonicalJson } from '../../domain/canonical.js';

export interface Difference {
  /** `outcome`, or an entry of a list by its key: `effects[isolate-device:host:…].state`, `plan[…]`. */
  readonly path: string;
  /** Name of the property of the result. */
  readonly part: string;
  /** Key of the entry, if the property is a list. */
  readonly key?: string;
  /** Name of the entry's property; absent if one side lacks the entry. */
  readonly field?: string;
  /** Undefined = absent. */
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The parts of a result: the decision first. */
const PARTS = ['playbook', 'outcome', 'summary', 'plan', 'refused', 'conditions', 'decisions', 'effects'];
/** What identifies an entry of a list, in the form of a step's id: rule or action, and entity. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  plan: ['id'],
  refused: ['action', 'target'],
  conditions: ['rule', 'entityKey'],
  decisions: ['kind'],
  effects: ['stepId'],
  findings: ['action', 'entityKey'],
};
type Entry = Readonly<Record<string, unknown>>;

/**
 * Compares two results. Entries of lists are compared by their keys, so their order does not count, and a new entry is
 * one difference.
 */
export function differences(expected: Entry, actual: Entry): Difference[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort(byImportance);
  return names.flatMap((part) => {
    const keys = Object.hasOwn(KEYS, part) ? KEYS[part] : undefined;
    const [left, right] = [own(expected, part), own(actual, part)];
    if (keys !== undefined && isEntries(left) && isEntries(right)) {
      return entryDifferences(part, keyed(left, keys), keyed(right, keys));
    }
    return isSame(left, right) ? [] : [{ path: part, part, expected: left, actual: right }];
  });
}

function entryDifferences(
  part: string,
  expected: ReadonlyMap<string, Entry>,
  actual: ReadonlyMap<string, Entry>,
): Difference[] {
  const keys = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return keys.flatMap((key): Difference[] => {
    const [left, right] = [expected.get(key), actual.get(key)];
    const path = `${part}[${key}]`;
    if (left === undefined || right === undefined) {
      return [{ path, part, key, expected: left, actual: right }];
    }
    const fields = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
    return fields
      .filter((field) => !isSame(own(left, field), own(right, field)))
      .map((field) => ({
        path: `${path}.${field}`,
        part,
        key,
        field,
        expected: own(left, field),
        actual: own(right, field),
      }));
  });
}

/** Entries by their keys; of equal keys, the second has `#2`. Such entries keep their order. */
function keyed(entries: readonly Entry[], keys: readonly string[]): Map<string, Entry> {
  const byKey = new Map<string, Entry>();
  for (const entry of entries) {
    const key = keys.flatMap((name) => (entry[name] === undefined ? [] : [String(entry[name])])).join(':');
    let free = key;
    for (let number = 2; byKey.has(free); number++) free = `${key}#${number}`;
    byKey.set(free, entry);
  }
  return byKey;
}

/** A property of the entry itself: a recording may have one that is named like a method of all objects. */
const own = (entry: Entry, name: string): unknown => (Object.hasOwn(entry, name) ? entry[name] : undefined);

const byImportance = (a: string, b: string) => rank(a) - rank(b) || (a < b ? -1 : 1);
const rank = (part: string) => (PARTS.includes(part) ? PARTS.indexOf(part) : PARTS.length);

const isSame = (a: unknown, b: unknown) =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);
const isEntries = (value: unknown): value is readonly Entry[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
