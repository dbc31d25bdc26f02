/** Lines that fit the width of a terminal. Pure. */
import { stripVTControlCharacters } from 'node:util';

/** A narrower terminal gets lines as they are. */
const NARROWEST = 30;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/gu;
/** The first column of a row in two columns: `  Service Bus  `. */
const FIRST_COLUMN = /^ *\S+(?: \S+){0,3} {2,}/;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  return [...plain].length + (plain.match(WIDE)?.length ?? 0);
}

/** Where a row has a command to copy: alone, or in the second column. */
const COMMAND = /(?:^ *| {2})np[mx] /;

export interface WrapOptions {
  /** Ends a line that a command continues; undefined: the shell has nothing, so commands stay whole. */
  readonly continuation?: string | undefined;
}

/**
 * Breaks a line between words. Continued lines are indented like the second column, or by two more spaces. A word that is
 * longer than the terminal, such as a link, stays whole.
 * @param columns width of the terminal; undefined: not a terminal, so nothing is broken.
 */
export function wrap(
  line: string,
  columns: number | undefined,
  { continuation }: WrapOptions = {},
): string[] {
  if (columns === undefined || columns < NARROWEST || widthOf(line) <= columns) return [line];
  const plain = stripVTControlCharacters(line);
  const isCommand = COMMAND.test(plain);
  if (isCommand && continuation === undefined) return [line];
  const end = isCommand ? (continuation ?? '') : '';
  const room = columns - end.length;
  const outer = plain.length - plain.trimStart().length + 2;
  const indent = secondColumn(plain, columns) ?? outer;
  const lines: string[] = [];
  let current = '';
  for (const { gap, word } of wordsOf(line)) {
    const width = widthOf(word);
    if (current.trim() === '' || widthOf(current) + gap.length + width <= room) current += gap + word;
    else {
      lines.push(current + end);
      current = ' '.repeat(indent + width <= room ? indent : outer) + word;
    }
  }
  return [...lines, current];
}

/** The words, each with the spaces before it. */
function wordsOf(line: string): { readonly gap: string; readonly word: string }[] {
  const words: { gap: string; word: string }[] = [];
  let gap = '';
  for (const [i, word] of line.split(' ').entries()) {
    if (i > 0) gap += ' ';
    if (word === '') continue;
    words.push({ gap, word });
    gap = '';
  }
  return words;
}

function secondColumn(line: string, columns: number): number | undefined {
  const column = FIRST_COLUMN.exec(line)?.[0].length;
  return column !== undefined && column <= columns / 3 ? column : undefined;
}

/** The beginning of a line that is redrawn in place, so it must not need a second one. */
export function clipToWidth(line: string, columns: number | undefined): string {
  return columns === undefined || columns < NARROWEST || line.length < columns
    ? line
    : `${line.slice(0, columns - 2)}…`;
}
