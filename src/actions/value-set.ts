/**
 * One of a closed set of words, in the documented spelling; services differ in upper and lower case. Undefined for a
 * word that is not in the set: what it means is not known, so conditions on it are unknown.
 */
export function wordOf<const V extends string>(
  values: readonly V[],
  word: string | null | undefined,
): V | undefined {
  const wanted = word?.toLowerCase();
  return values.find((value) => value.toLowerCase() === wanted);
}

/** A field that is there only where it has a value. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [N in K]?: V });
}
