const HALF_CHARACTER = /\\u[dD][89a-fA-F]/;

/**
 * Parses JSON of a service. An unpaired surrogate in an escape becomes U+FFFD: later code would throw on it or change it.
 * @throws SyntaxError, and RangeError if such a text is nested too deeply.
 */
export function parseServiceJson(text: string): unknown {
  if (!HALF_CHARACTER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\ufffd') : value,
  );
}
