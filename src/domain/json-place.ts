/** Finds the position of the first JSON syntax error, which parsers report differently or not at all. */

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const HEX = /[0-9a-fA-F]{4}/y;

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | ':' | ', or end';

/** `line:column`, both from 1, of the first invalid character; after the last character if the text ends too early. */
export function jsonPlace(text: string): string {
  const before = text.slice(0, firstWrong(text)).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

function firstWrong(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected = 'value' as Expected;
  let at = 0;
  const afterValue = (end: number): void => {
    expected = ', or end';
    at = end;
  };
  for (; at < text.length; ) {
    const sign = text[at] ?? '';
    if (/[ \t\r\n]/.test(sign)) at++;
    else if (expected === ':') {
      if (sign !== ':') return at;
      expected = 'value';
      at++;
    } else if (expected === ', or end') {
      if (sign === ',' && open.length > 0) {
        expected = open.at(-1) === '{' ? 'name' : 'value';
        at++;
      } else if (sign === closing(open)) {
        open.pop();
        at++;
      } else return at;
    } else if (expected.endsWith('or end') && sign === closing(open)) {
      open.pop();
      afterValue(at + 1);
    } else if (sign === '"') {
      const { end, whole } = stringFrom(text, at);
      if (!whole) return end;
      if (expected.startsWith('name')) {
        expected = ':';
        at = end;
      } else afterValue(end);
    } else if (expected.startsWith('name')) return at;
    else if (sign === '{' || sign === '[') {
      open.push(sign);
      expected = sign === '{' ? 'name or end' : 'value or end';
      at++;
    } else {
      LITERAL.lastIndex = at;
      if (!LITERAL.test(text)) return at;
      afterValue(LITERAL.lastIndex);
    }
  }
  return at;
}

function closing(open: readonly ('{' | '[')[]): '}' | ']' | undefined {
  const last = open.at(-1);
  return last === undefined ? undefined : last === '{' ? '}' : ']';
}

/** Position after the closing quote, or of the first character that is not allowed in a string. */
function stringFrom(text: string, from: number): { readonly end: number; readonly whole: boolean } {
  let at = from + 1;
  for (; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '"') return { end: at + 1, whole: true };
    if (sign < ' ') break;
    if (sign !== '\\') continue;
    HEX.lastIndex = at + 2;
    if (text[at + 1] === 'u' && HEX.test(text)) at += 5;
    else if (/["\\/bfnrt]/.test(text[at + 1] ?? '')) at++;
    else return { end: Math.min(at + 1, text.length), whole: false };
  }
  return { end: at, whole: false };
}
