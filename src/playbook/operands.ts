/** The parts of a condition that && and || connect: each is a condition of its own. */
import type { ASTNode } from '@marcbachmann/cel-js';

export interface Operand {
  readonly text: string;
  /** Offset in the condition's text. */
  readonly start: number;
}

/** The operands of all && and || at the top, from left to right; the condition itself if it has none. */
export const operandsOf = (ast: ASTNode): Operand[] => flatten(ast, ['&&', '||']);

/** The operands of && at the top: all must be true. */
export const conjunctsOf = (ast: ASTNode): Operand[] => flatten(ast, ['&&']);

function flatten(node: ASTNode, operators: readonly string[]): Operand[] {
  if ((node.op === '&&' || node.op === '||') && operators.includes(node.op)) {
    return node.args.flatMap((side) => flatten(side, operators));
  }
  const { start, end } = withParentheses(node.input, node.range.start, node.range.end);
  return [{ text: node.input.slice(start, end), start }];
}

/** A node's range leaves out parentheses at its ends, also those that belong to one of its parts. */
function withParentheses(text: string, from: number, to: number): { start: number; end: number } {
  let start = from;
  let end = to;
  let open = 0;
  let quote: string | undefined;
  for (let at = from; at < to; at++) {
    const character = text[at];
    if (quote !== undefined) {
      if (character === '\\') at++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '(') open++;
    else if (character === ')' && --open < 0) {
      start = text.lastIndexOf('(', start - 1);
      open = 0;
    }
  }
  for (; open > 0; open--) end = text.indexOf(')', end) + 1;
  return { start: Math.max(0, start), end: Math.max(to, end) };
}
