/** The expression library's syntax errors in the words of somebody who writes a condition. */
import type { ParseError } from '@marcbachmann/cel-js';
import type { ExpressionIssue } from './expression-issue.js';

const WORDS = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['is', '=='],
]);
const OPERATORS = new Map([
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['=!', '!='],
  ['<>', '!='],
  ['=>', '>='],
  ['=<', '<='],
  ['&', '&&'],
  ['|', '||'],
]);
const EXPECTED: Readonly<Record<string, string>> = {
  RPAREN: 'a ")" is missing',
  RBRACKET: 'a "]" is missing',
  RBRACE: 'a "}" is missing',
  COLON: 'a ":" is missing',
  IDENTIFIER: 'a name is missing after "."',
};

export function syntaxIssue(error: ParseError, text: string): ExpressionIssue {
  const start = Math.min(error.range?.start ?? 0, text.length);
  if (error.code === 'limit_exceeded') {
    const message = 'the condition is too long or nested too deeply';
    return { code: 'expression-too-costly', start, message, next: 'split the rule' };
  }
  const words = operatorWords(text, start) ?? otherWords(error, text, start);
  return { code: 'expression-syntax', start, next: undefined, ...words };
}

type Words = Pick<ExpressionIssue, 'message'> & Partial<Pick<ExpressionIssue, 'start' | 'next'>>;

/** An operator of another language, at the place of the error or right before it. */
function operatorWords(text: string, at: number): Words | undefined {
  const after = /^\w+/.exec(text.slice(at))?.[0];
  const earlier = text.slice(0, at).trimEnd();
  const before = earlier.length < at ? endOf(earlier, isLetter) : '';
  const symbols = endOf(text.slice(0, at), isSymbol);
  const symbol = symbols + (/^[=<>!&|]*/.exec(text.slice(at))?.[0] ?? '');
  const candidates = [
    { word: after, fix: WORDS.get(after?.toLowerCase() ?? ''), start: at },
    { word: before, fix: WORDS.get(before.toLowerCase()), start: earlier.length - before.length },
    { word: symbol, fix: OPERATORS.get(symbol), start: at - symbols.length },
  ];
  const found = candidates.find(({ fix }) => fix !== undefined);
  return (
    found && { message: `"${found.word}" is no operator`, next: `write ${found.fix}`, start: found.start }
  );
}

const isLetter = (character: string) => /\w/.test(character);
const isSymbol = (character: string) => '=<>!&|'.includes(character);
const isVisible = (character: string) => character.trim() !== '';

/** The characters of a kind at the end of a text. */
function endOf(text: string, isOfKind: (character: string) => boolean): string {
  let start = text.length;
  while (start > 0 && isOfKind(text.charAt(start - 1))) start -= 1;
  return text.slice(start);
}

function otherWords({ code, summary }: ParseError, text: string, at: number): Words {
  if (code === 'unterminated_string') {
    return { message: 'the text has no end', next: 'close its quotation mark' };
  }
  const expected = /^Expected (\w+)/.exec(summary)?.[1];
  if (expected !== undefined) return { message: EXPECTED[expected] ?? unexpected(text, at) };
  if (at >= text.trimEnd().length) {
    const last = endOf(text.trimEnd(), isVisible);
    return {
      message: 'the condition ends too early',
      ...(last === '' ? {} : { next: `add what follows "${last}"` }),
    };
  }
  if (code === 'invalid_macro_argument') {
    return { message: 'a loop needs a name and a condition', next: 'e.g. list.exists(x, x.field == 1)' };
  }
  if (/["'“”„‘’`]/.test(text[at] ?? '')) {
    return { message: unexpected(text, at), next: 'write texts in straight quotation marks: "…"' };
  }
  if (text[at] === ')') return { message: 'there is no "(" for this ")"' };
  if (code === 'unexpected_character' || code === 'unexpected_token')
    return { message: unexpected(text, at) };
  return { message: code.startsWith('invalid_') ? 'this is not a number' : summary };
}

const unexpected = (text: string, at: number) =>
  at >= text.length
    ? 'the condition ends too early'
    : `"${/^(?:\w+|[&|=<>!]+|\W)/u.exec(text.slice(at))?.[0] ?? ''}" is not expected here`;
