/** Checks on a parsed expression that CEL itself does not make: names, closed sets of values, and its cost. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { closedSetIssues } from './closed-sets.js';
import type { ExpressionIssue } from './expression-issue.js';
import { itemOf, type Scope, sourceOf, staticShape } from './static-shape.js';
import { suggestion } from './suggest.js';
import type { Shape } from './value-types.js';

const FUNCTIONS = ['has', 'size', 'int', 'double', 'string'];
const METHODS = ['contains', 'startsWith', 'endsWith', 'lowerAscii', 'upperAscii', 'trim', 'size'];
const LOOPS = ['exists', 'all', 'exists_one', 'filter', 'map'];
/** Nested loops multiply: two levels over lists of hundreds of items take milliseconds. */
const MAX_LOOP_DEPTH = 2;

/** Finds everything that is wrong with the names in an expression. */
export function lintExpression(ast: ASTNode, scope: Scope): ExpressionIssue[] {
  const linter = new Linter();
  linter.visit(ast, scope, 0);
  return linter.issues;
}

class Linter {
  readonly issues: ExpressionIssue[] = [];

  visit(node: ASTNode, scope: Scope, loops: number): void {
    this.issues.push(...closedSetIssues(node, scope));
    switch (node.op) {
      case 'id':
        if (!scope.has(node.args)) {
          const next = suggestion(node.args, [...scope.keys()]);
          this.report('unknown-variable', node, `there is no variable "${node.args}" here`, next);
        }
        return;
      case '.':
        this.visit(node.args[0], scope, loops);
        this.checkMember(node, node.args[0], node.args[1], scope);
        return;
      case '[]': {
        const [object, index] = node.args;
        this.visit(object, scope, loops);
        this.visit(index, scope, loops);
        if (index.op === 'value' && typeof index.args === 'string') {
          this.checkMember(index, object, index.args, scope);
        }
        return;
      }
      case 'call': {
        const [name, parameters] = node.args;
        if (!this.checkFunction(node.range.start, name, FUNCTIONS)) return;
        for (const parameter of parameters) this.visit(parameter, scope, loops);
        return;
      }
      case 'rcall':
        this.visitMethod(node, scope, loops);
        return;
    }
    for (const child of childrenOf(node)) this.visit(child, scope, loops);
  }

  private visitMethod(node: ASTNode & { op: 'rcall' }, scope: Scope, loops: number): void {
    const [name, receiver, parameters] = node.args;
    const nameStart = node.input.indexOf(name, receiver.range.end);
    if (!this.checkFunction(nameStart, name, [...METHODS, ...LOOPS])) return;
    this.visit(receiver, scope, loops);
    const shape = staticShape(receiver, scope);
    this.checkReceiver(nameStart, node, shape);
    const [variable] = parameters;
    if (!LOOPS.includes(name) || parameters.length < 2 || variable?.op !== 'id') {
      if (LOOPS.includes(name)) return;
      for (const parameter of parameters) this.visit(parameter, scope, loops);
      return;
    }
    if (loops === MAX_LOOP_DEPTH) {
      const message = `${name}() is nested more than ${MAX_LOOP_DEPTH} deep`;
      this.report('expression-too-costly', node, message, 'split the rule');
    }
    const inner = new Map(scope).set(variable.args, itemOf(shape));
    for (const parameter of parameters.slice(1)) this.visit(parameter, inner, loops + 1);
  }

  private checkMember(node: ASTNode, object: ASTNode, field: string, scope: Scope): void {
    const shape = staticShape(object, scope);
    if (shape.type === 'list') {
      const list = sourceOf(object);
      const next = shape.items.type === 'object' ? `use ${list}.exists(x, x.${field} …)` : undefined;
      this.report('list-field', object, `${list} is a list`, next);
    } else this.checkField(node, shape, field);
  }

  /** Texts have methods, lists have loops. */
  private checkReceiver(start: number, node: ASTNode & { op: 'rcall' }, shape: Shape): void {
    const [name, receiver, parameters] = node.args;
    const source = sourceOf(receiver);
    const isLoop = LOOPS.includes(name);
    if (shape.type === 'list' && !isLoop && name !== 'size') {
      const [parameter] = parameters;
      const next =
        name === 'contains' && parameter !== undefined && shape.items.type !== 'object'
          ? `write: ${sourceOf(parameter)} in ${source}`
          : `use ${source}.exists(x, x.${name}(…))`;
      const message = `${source} is a list, and ${name}() is for texts`;
      this.issues.push({ code: 'list-method', start, message, next });
    } else if (shape.type === 'object' && isLoop) {
      const message = `${source} is one object here, and ${name}() is for lists`;
      this.issues.push({ code: 'object-loop', start, message, next: `use ${source}.field directly` });
    } else if (isLoop && parameters.length < 2) {
      const message = `${name}() needs a name and a condition`;
      this.issues.push({ code: 'loop-form', start, message, next: `e.g. ${source}.${name}(x, x == 1)` });
    }
  }

  private checkField(node: ASTNode, object: Shape, field: string): void {
    if (object.type !== 'object' || object.fields.has(field)) return;
    const message = `there is no field "${field}" here`;
    const start = node.op === '.' ? node.range.end - field.length : node.range.start;
    this.issues.push({
      code: 'unknown-field',
      start,
      message,
      next: suggestion(field, [...object.fields.keys()]),
    });
  }

  private checkFunction(start: number, name: string, known: readonly string[]): boolean {
    if (known.includes(name)) return true;
    if (name === 'matches') {
      const message = 'regular expressions are refused: one can block the whole process';
      const next = 'use contains, startsWith or endsWith';
      this.issues.push({ code: 'regular-expression', start, message, next });
    } else {
      const message = `there is no function "${name}" here`;
      this.issues.push({ code: 'unknown-function', start, message, next: suggestion(name, known) });
    }
    return false;
  }

  private report(code: string, node: ASTNode, message: string, next?: string): void {
    this.issues.push({ code, start: node.range.start, message, next });
  }
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'value' || node.op === 'id') return [];
  const args: unknown[] = Array.isArray(node.args) ? node.args.flat() : [node.args];
  return args.filter(
    (child): child is ASTNode => typeof child === 'object' && child !== null && 'op' in child,
  );
}
