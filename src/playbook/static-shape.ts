import type { ASTNode } from '@marcbachmann/cel-js';
import type { Shape } from './value-types.js';

export type Scope = ReadonlyMap<string, Shape>;

/** The shape of a part of an expression, as far as it is known without evaluating it. */
export function staticShape(node: ASTNode, scope: Scope): Shape {
  switch (node.op) {
    case 'id':
      return scope.get(node.args) ?? ANY;
    case '.':
      return memberOf(staticShape(node.args[0], scope), node.args[1]);
    case '[]': {
      const [object, index] = node.args;
      const shape = staticShape(object, scope);
      if (shape.type === 'list') return shape.items;
      return index.op === 'value' ? memberOf(shape, String(index.args)) : ANY;
    }
    case 'rcall': {
      const [name, receiver, [variable, transform]] = node.args;
      const list = staticShape(receiver, scope);
      if (name === 'filter' || name === 'trim') return list;
      if (name === 'lowerAscii') return lettersOf(list, 'lower');
      if (name === 'upperAscii') return lettersOf(list, 'upper');
      if (name !== 'map' || variable?.op !== 'id' || transform === undefined) return ANY;
      return { type: 'list', items: staticShape(transform, new Map(scope).set(variable.args, itemOf(list))) };
    }
    case 'call': {
      const [name, [parameter]] = node.args;
      const shape = parameter === undefined ? ANY : staticShape(parameter, scope);
      return name === 'string' && shape.type === 'string' ? shape : ANY;
    }
    case '?:':
      return oneOf(node.args.slice(1), scope);
    case 'list':
      return { type: 'list', items: oneOf(node.args, scope) };
    default:
      return ANY;
  }
}

export const sourceOf = ({ input, range }: ASTNode): string => input.slice(range.start, range.end);

export const isText = (node: ASTNode): node is ASTNode & { op: 'value'; args: string } =>
  node.op === 'value' && typeof node.args === 'string';

/** The shape of a part that can be each of these: a closed set, if it can only be values of closed sets and texts. */
function oneOf(nodes: readonly ASTNode[], scope: Scope): Shape {
  const values = new Set<string>();
  for (const node of nodes) {
    const known = isText(node) ? [node.args] : valuesOf(staticShape(node, scope));
    if (known === undefined) return ANY;
    for (const value of known) values.add(value);
  }
  return nodes.every(isText) ? ANY : { type: 'string', values: [...values] };
}

/** The values of a closed set of texts. */
export const valuesOf = (shape: Shape): readonly string[] | undefined =>
  shape.type === 'string' ? shape.values : undefined;

const ANY: Shape = { type: 'any' };
export const itemOf = (shape: Shape): Shape => (shape.type === 'list' ? shape.items : ANY);
function memberOf(shape: Shape, field: string): Shape {
  if (shape.type === 'object') return shape.fields.get(field) ?? ANY;
  return shape.type === 'map' ? shape.values : ANY;
}

/** Converts like CEL's lowerAscii() and upperAscii(). */
export function inLetters(text: string, letters: 'lower' | 'upper' | undefined): string {
  if (letters === undefined) return text;
  return letters === 'lower'
    ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    : text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

function lettersOf(shape: Shape, letters: 'lower' | 'upper'): Shape {
  if (shape.type !== 'string') return { type: 'string', letters };
  const values = shape.values?.map((value) => inLetters(value, letters));
  return { type: 'string', letters, ...(values === undefined ? {} : { values }) };
}
