/**
 * One of a closed set of values, in the documented spelling; services differ in letter case. Undefined for a value that is
 * not in the set: its meaning is unknown, so conditions on it are unknown.
 */
export function enumValueOf<const V extends string>(
  values: readonly V[],
  text: string | null | undefined,
): V | undefined {
  const wanted = text?.toLowerCase();
  return values.find((value) => value.toLowerCase() === wanted);
}

/** A property that is present only if it has a value. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [N in K]?: V });
}
