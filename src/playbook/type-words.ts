/** The expression library's type errors in the words of somebody who writes a condition. */

export interface TypeWords {
  readonly message: string;
  readonly next: string | undefined;
}
const NO_OVERLOAD = 'no such overload: ';
const NO_CALL = "found no matching overload for '";
const TYPED: readonly (readonly [RegExp, (...parts: string[]) => string, string?])[] = [
  [/^List index must be int/, () => 'this is a list', 'use exists(x, x.field …), or a number in [ ]'],
  [/cannot be range of a comprehension/, () => 'this is not a list', 'use its fields directly'],
  [
    /^Logical operator requires bool operands, got (.+)$/,
    (got) => `"&&" and "||" do not work on ${unquoted(got)}`,
  ],
  [
    /^Ternary condition must be bool, got (.+)$/,
    (got) => `a condition must be true or false, this is ${unquoted(got)}`,
  ],
  [
    /^Ternary branches must have the same type, got (.+)$/,
    (got) => `both results of "? :" must have one type, not ${unquoted(got)}`,
  ],
  [
    /^List elements must have the same type, expected type '([^']+)' but found '([^']+)'/,
    (one, other) => `the values of a list must have one type, not ${one} and ${other}`,
  ],
  [/^has\(\) invalid argument/, () => 'has() needs a field', 'write has(object.field)'],
  [/^Unknown variable: (.+)$/, (name) => `there is no variable "${name}" here`],
];

export function typeWords(summary: string): TypeWords {
  const plain = summary.replaceAll('object.', '');
  if (plain.startsWith(NO_OVERLOAD)) return operatorWords(plain.slice(NO_OVERLOAD.length));
  if (plain.startsWith(NO_CALL))
    return { message: callWords(plain.slice(NO_CALL.length, -1)), next: undefined };
  for (const [pattern, words, next] of TYPED) {
    const found = pattern.exec(plain);
    if (found) return { message: words(...found.slice(1).map((part) => part ?? '')), next };
  }
  return { message: plain, next: undefined };
}

function operatorWords(types: string): TypeWords {
  const words = types.split(' ');
  const at = words.findIndex((word) => word === 'in' || /^[^\w.]+$/.test(word));
  if (at > 0 && at < words.length - 1) {
    const [left, right] = [words.slice(0, at), words.slice(at + 1)].map((side) => side.join(' '));
    const operator = words[at] ?? '';
    return {
      message: `"${operator}" does not work on ${left} and ${right}`,
      next: hint(operator, left ?? '', right ?? ''),
    };
  }
  const [, sign = '', type = ''] = /^(\W)(.+)$/.exec(types) ?? [];
  return { message: `"${sign}" does not work on ${type || types}`, next: undefined };
}

function hint(operator: string, left: string, right: string): string | undefined {
  const types = [left, right];
  if (types.includes('null')) return 'values are never null: check has(object.field) first';
  if (types.includes('double') && types.includes('int')) {
    return operator === '==' || operator === '!='
      ? 'write the number as 3.0'
      : 'convert with int(…) or double(…)';
  }
  if (operator === 'in' && right === 'string') return 'for a part of a text, use contains(…)';
  if (types.some((type) => type.startsWith('list<')) && types.includes('string')) {
    return 'for a value in a list, write: "…" in list';
  }
  if (types.includes('string') && types.some((type) => ['int', 'double', 'bool'].includes(type))) {
    return 'write numbers, true and false without quotation marks';
  }
  return undefined;
}

/** `signature`: `list.contains(string)` or `size(int)`. */
function callWords(signature: string): string {
  const open = signature.indexOf('(');
  const called = signature.slice(0, open);
  const dot = called.lastIndexOf('.');
  const parameters = signature.slice(open + 1, -1);
  return dot < 0
    ? `${called}() does not work on ${parameters || 'nothing'}`
    : `${called.slice(dot + 1)}() of ${called.slice(0, dot)} does not work with ${parameters || 'nothing'}`;
}

const unquoted = (types: string) => types.replaceAll("'", '');
