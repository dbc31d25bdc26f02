const HALF_CHARACTER = /\\u[dD][89a-fA-F]/;

/**
 * JSON of a service. An escape may stand for half a character; alone it is no text, and what gets it throws or changes it:
 * it becomes U+FFFD.
 * @throws SyntaxError, and RangeError where such a text is nested too deeply.
 */
export function parseServiceJson(text: string): unknown {
  if (!HALF_CHARACTER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\ufffd') : value,
  );
}
