/** Where two JSON values differ. Pure. */

export interface Difference {
  /** `effects[0].state` */
  readonly path: string;
  /** Undefined = absent. */
  readonly expected: unknown;
  readonly actual: unknown;
}

export function differences(expected: unknown, actual: unknown, path = ''): Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    return Array.from({ length }, (_, i) => i).flatMap((i) =>
      differences(expected[i], actual[i], `${path}[${i}]`),
    );
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return keys.flatMap((key) =>
      differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return expected === actual ? [] : [{ path, expected, actual }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
