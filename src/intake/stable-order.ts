import { canonicalJson } from './warnings.js';

/** Sources give lists in any order: of two things with one key, always the same comes first. */
export function inStableOrder<T>(list: readonly T[]): readonly T[] {
  if (list.length < 2) return list;
  return list
    .map((item) => ({ item, text: canonicalJson(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item);
}
