/**
 * Parses JSON. Returns undefined for invalid JSON, and for an object with a duplicate name: parsers disagree about which
 * value applies (https://www.rfc-editor.org/rfc/rfc8259#section-4), and a decision must be unambiguous.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return hasNameTwice(text) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** @param text valid JSON. */
function hasNameTwice(text: string): boolean {
  /** The names in each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const end = endOfString(text, at);
      const names = isName ? open.at(-1) : undefined;
      const name: string = names === undefined ? '' : JSON.parse(text.slice(at, end));
      if (names?.has(name)) return true;
      names?.add(name);
      at = end - 1;
    } else if (sign === '{' || sign === '[') open.push(sign === '{' ? new Set() : undefined);
    else if (sign === '}' || sign === ']') open.pop();
    if (sign === '{' || sign === ',') isName = open.at(-1) !== undefined;
    else if (sign === ':' || sign === '[') isName = false;
  }
  return false;
}

/** The index after the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
