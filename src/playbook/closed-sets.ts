/** Uses of a closed set of texts that CEL accepts, although they are always the same, or not what is meant. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionIssue } from './expression-issue.js';
import { inLetters, isText, itemOf, type Scope, sourceOf, staticShape, valuesOf } from './static-shape.js';
import { suggestion } from './suggest.js';
import type { Shape } from './value-types.js';

/** What is wrong with this node; its parts are nodes of their own. */
export function closedSetIssues(node: ASTNode, scope: Scope): ExpressionIssue[] {
  switch (node.op) {
    case '==':
    case '!=':
      return equality(node.args, scope);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return order(node.op, node.args, scope);
    case 'in':
      return membership(node.args, scope);
    case '[]': {
      const [object, index] = node.args;
      return keysOf(object).flatMap((key) => neverAmong(staticShape(index, scope), key));
    }
    case 'call':
      return conversion(node.args, scope);
    case 'rcall': {
      const [method, receiver, parameters] = node.args;
      const shape = staticShape(receiver, scope);
      return parameters.flatMap((parameter) => neverPartOf(shape, method, parameter));
    }
    default:
      return [];
  }
}

function equality([left, right]: readonly [ASTNode, ASTNode], scope: Scope): ExpressionIssue[] {
  const [leftShape, rightShape] = [staticShape(left, scope), staticShape(right, scope)];
  const issues = [...neverAmong(leftShape, right), ...neverAmong(rightShape, left)];
  return issues.length > 0 ? issues : neverEqual(leftShape, rightShape, right);
}

function membership([item, list]: readonly [ASTNode, ASTNode], scope: Scope): ExpressionIssue[] {
  const [shape, items] = [staticShape(item, scope), itemOf(staticShape(list, scope))];
  const written = list.op === 'list' ? list.args : keysOf(list);
  const issues = [...written.flatMap((one) => neverAmong(shape, one)), ...neverAmong(items, item)];
  return issues.length > 0
    ? issues
    : neverEqual(shape, items, list.op === 'list' ? (list.args[0] ?? list) : list);
}

/** CEL orders texts by their letters: "high" is less than "low". */
function order(operator: string, sides: readonly ASTNode[], scope: Scope): ExpressionIssue[] {
  const side = sides.find((one) => valuesOf(staticShape(one, scope)) !== undefined);
  if (side === undefined) return [];
  const message = `"${operator}" orders texts by their letters, not by their meaning`;
  return [{ code: 'text-order', start: side.range.start, message, next: listing(side, scope) }];
}

/** A number can be made only of a text with digits. */
function conversion([name, parameters]: readonly [string, ASTNode[]], scope: Scope): ExpressionIssue[] {
  if (name !== 'int' && name !== 'double') return [];
  return parameters.flatMap((parameter) => {
    const values = valuesOf(staticShape(parameter, scope));
    if (values === undefined || values.some((value) => /\d/.test(value))) return [];
    const message = `${name}() fails for each value of ${sourceOf(parameter)}`;
    const start = parameter.range.start;
    return [{ code: 'not-a-number', start, message, next: listing(parameter, scope) }];
  });
}

function listing(node: ASTNode, scope: Scope): string {
  const source = node.op === '?:' ? `(${sourceOf(node)})` : sourceOf(node);
  const values = (valuesOf(staticShape(node, scope)) ?? []).map((value) => JSON.stringify(value));
  return `list the values that you mean: ${source} in [${values.join(', ')}]`;
}

/** The texts that are written out, but that a part of this shape never has. */
function neverAmong(shape: Shape, node: ASTNode): ExpressionIssue[] {
  if (node.op === '?:') return node.args.slice(1).flatMap((branch) => neverAmong(shape, branch));
  if (node.op === 'list') return node.args.flatMap((item) => neverAmong(itemOf(shape), item));
  if (!isText(node) || shape.type !== 'string') return [];
  const text = node.args;
  if (shape.values?.includes(text) ?? text === inLetters(text, shape.letters)) return [];
  const next = suggestion(text, shape.values ?? [inLetters(text, shape.letters)]);
  return [{ code: 'unknown-value', start: node.range.start, message: `this is never "${text}"`, next }];
}

/** `node` has the second shape. */
function neverEqual(shape: Shape, other: Shape, node: ASTNode): ExpressionIssue[] {
  const [values, others] = [valuesOf(shape), valuesOf(other)];
  if (values === undefined || others === undefined) return [];
  if (values.some((value) => others.includes(value))) return [];
  const message = 'these two never have the same value';
  const next = `one has ${values.join(', ')}; the other has ${others.join(', ')}`;
  return [{ code: 'unknown-value', start: node.range.start, message, next }];
}

const PARTS = new Map<string, (value: string, part: string) => boolean>([
  ['contains', (value, part) => value.includes(part)],
  ['startsWith', (value, part) => value.startsWith(part)],
  ['endsWith', (value, part) => value.endsWith(part)],
]);

function neverPartOf(shape: Shape, method: string, node: ASTNode): ExpressionIssue[] {
  const has = PARTS.get(method);
  if (has === undefined || !isText(node) || shape.type !== 'string') return [];
  const { values, letters } = shape;
  const part = node.args;
  if (values?.some((value) => has(value, part)) ?? part === inLetters(part, letters)) return [];
  const message = `no value of this ${method} "${part}"`;
  const next = values === undefined ? undefined : `its values are ${values.join(', ')}`;
  return [{ code: 'unknown-value', start: node.range.start, message, next }];
}

/** The keys of a map that is written out. */
const keysOf = (node: ASTNode): ASTNode[] => (node.op === 'map' ? node.args.map(([key]) => key) : []);
