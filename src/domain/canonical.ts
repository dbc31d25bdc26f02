/**
 * JSON with sorted keys and no white space: equal values give equal text, independent of key order.
 * Omits undefined members, as JSON.stringify does.
 * @throws TypeError for values that JSON cannot represent (NaN, bigint, functions, symbols).
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      return `{${members(value).join(',')}}`;
  }
  throw new TypeError(`not a JSON value: ${typeof value}`);
}

function members(value: object): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
}

/** Compares by UTF-16 code units, independent of the locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
