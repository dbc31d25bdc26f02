type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The same object without its undefined properties: an absent value is a missing key. */
export function without<T extends object>(parts: T): Defined<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Defined<T>;
}
