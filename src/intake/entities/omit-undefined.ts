type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Copies an object without its undefined properties. */
export function omitUndefined<T extends object>(parts: T): Defined<T> {
  const defined: Defined<T> = {};
  for (const key of Object.keys(parts) as (keyof T)[]) {
    if (parts[key] !== undefined) defined[key] = parts[key] as Exclude<T[keyof T], undefined>;
  }
  return defined;
}
