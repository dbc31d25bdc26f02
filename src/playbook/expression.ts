/** Conditions in CEL: https://github.com/google/cel-spec/blob/master/doc/langdef.md */
import { Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { canonicalJson } from '../domain/canonical.js';
import { type Content, type Observer, Types, UnknownValue } from './cel-values.js';
import { type ExpressionIssue, lintExpression } from './lint.js';
import type { ObjectShape, Shape } from './value-types.js';

/** The content of one variable: an object, or a list of objects, each with a label for the decision record. */
export type VariableContent = Content | { readonly items: readonly { label: string; content: Content }[] };
export type VariableShape = ObjectShape | { readonly type: 'list'; readonly items: ObjectShape };

/** `any`: the declaration was invalid, so its use is not checked. */
export type Variable = VariableShape | { readonly type: 'any' };

export interface Evaluation {
  readonly result: 'true' | 'false' | 'unknown';
  /** Every value that the condition read, by path; at most the first hundred. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Why the result is unknown. */
  readonly because: readonly string[];
}

export interface Condition {
  readonly expression: string;
  evaluate(variables: Readonly<Record<string, VariableContent>>): Evaluation;
}

const MAX_TEXT = 300;
const MAX_LIST = 20;
const MAX_VALUES = 100;

/** The variables that conditions in one place can use. */
export class ConditionScope {
  private readonly environment: Environment;
  private readonly types: Types;
  private readonly shapes: ReadonlyMap<string, Shape>;

  constructor(variables: ReadonlyMap<string, Variable>) {
    this.environment = new Environment({ limits: { maxAstNodes: 400, maxDepth: 24, maxListElements: 200 } });
    this.types = new Types(this.environment);
    this.shapes = variables;
    for (const [name, shape] of variables) {
      this.environment.registerVariable(name, this.types.declare(shape, `object.${name}`));
    }
  }

  /** Whether a variable of this name can be declared: CEL reserves some words. */
  static allows(name: string): boolean {
    try {
      new Environment().registerVariable(name, 'dyn');
      return true;
    } catch {
      return false;
    }
  }

  /** Compiles a condition, or returns everything that is wrong with it. Its type must be bool. */
  compile(expression: string): Condition | ExpressionIssue[] {
    let parsed: ReturnType<Environment['parse']>;
    try {
      parsed = this.environment.parse(expression);
    } catch (thrown) {
      return [syntaxIssue(thrown, expression)];
    }
    const issues = lintExpression(parsed.ast, this.shapes);
    if (issues.length > 0) return issues;
    const { valid, type, error } = parsed.check();
    if (!valid) {
      const summary = error?.summary ?? 'the expression does not fit its types';
      return [issue(TYPE_CODE, error?.range?.start ?? 0, inWords(summary), hintFor(summary))];
    }
    // Errors that follow from an invalid declaration are not reported a second time.
    const unsure = type === 'dyn' && [...this.shapes.values()].some((shape) => shape.type === 'any');
    if (type !== 'bool' && !unsure) {
      const next = 'compare it with something';
      return [issue(TYPE_CODE, 0, `a condition must be true or false, this is ${String(type)}`, next)];
    }
    return { expression, evaluate: (variables) => this.evaluate(parsed, variables) };
  }

  private evaluate(
    run: (context: Record<string, unknown>) => unknown,
    variables: Readonly<Record<string, VariableContent>>,
  ): Evaluation {
    const notes = new Notes();
    const context: Record<string, unknown> = {};
    for (const [name, shape] of this.shapes) {
      const content = variables[name];
      if (content !== undefined) context[name] = this.bind(shape, content, name, notes);
    }
    try {
      const result = run(context);
      return { result: result === true ? 'true' : 'false', values: notes.values, because: [] };
    } catch (thrown) {
      return { result: 'unknown', values: notes.values, because: notes.reasons(thrown) };
    }
  }

  private bind(shape: Shape, content: VariableContent, name: string, notes: Notes): unknown {
    if ('items' in content) {
      if (shape.type !== 'list' || shape.items.type !== 'object') return undefined;
      const { items } = shape;
      return content.items.map((item) =>
        this.types.object(items, item.content, `${name}[${item.label}]`, notes),
      );
    }
    return shape.type === 'object' ? this.types.object(shape, content, name, notes) : undefined;
  }
}

/** The trace of one evaluation. */
class Notes implements Observer {
  private readonly seen = new Map<string, unknown>();
  private readonly absent = new Set<string>();
  private readonly unknowns = new Set<string>();

  saw(path: string, value: unknown): void {
    this.seen.set(path, brief(value));
  }
  lacked(path: string): void {
    this.absent.add(path);
  }
  missed(reason: string): void {
    this.unknowns.add(reason);
  }

  get values(): Readonly<Record<string, unknown>> {
    const entries = [...this.seen].slice(0, MAX_VALUES);
    const more = this.seen.size - entries.length;
    return Object.fromEntries(more > 0 ? [...entries, ['…', `${more} more values`]] : entries);
  }

  reasons(thrown: unknown): string[] {
    const absent = [...this.absent].map((path) => `${path} has no value`);
    const known = [...this.unknowns, ...absent];
    if (thrown instanceof UnknownValue || (known.length > 0 && isMissingKey(thrown))) return known;
    const message =
      thrown instanceof EvaluationError ? thrown.summary : 'the expression could not be evaluated';
    return [...known, message];
  }
}

const isMissingKey = (thrown: unknown) => thrown instanceof EvaluationError && thrown.code === 'no_such_key';

/** A value short enough for the record. */
function brief(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_LIST).map(brief);
    return value.length > MAX_LIST ? [...items, `… ${value.length - MAX_LIST} more`] : items;
  }
  if (typeof value === 'object' && value !== null) {
    const text = canonicalJson(value);
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : value;
  }
  return value;
}

const TYPE_CODE = 'expression-type';
const issue = (code: string, start: number, message: string, next?: string): ExpressionIssue => ({
  code,
  start,
  message,
  next,
});

function syntaxIssue(thrown: unknown, expression: string): ExpressionIssue {
  if (!(thrown instanceof ParseError)) throw thrown;
  const code = thrown.code === 'limit_exceeded' ? 'expression-too-costly' : 'expression-syntax';
  return issue(code, Math.min(thrown.range?.start ?? 0, expression.length), thrown.summary);
}

const NO_OVERLOAD = 'no such overload: ';

function inWords(summary: string): string {
  const types = (text = '') => text.replaceAll('object.', '');
  const words = summary.startsWith(NO_OVERLOAD) ? summary.slice(NO_OVERLOAD.length).split(' ') : [];
  const operator = words.findIndex((word) => word === 'in' || /^[^\w.]+$/.test(word));
  if (operator > 0 && operator < words.length - 1) {
    const [left, right] = [words.slice(0, operator), words.slice(operator + 1)].map((side) => side.join(' '));
    return `"${words[operator]}" does not work on ${types(left)} and ${types(right)}`;
  }
  const call = /^found no matching overload for '(.*)'$/.exec(summary);
  return call ? `no function fits ${types(call[1])}` : types(summary);
}

function hintFor(message: string): string | undefined {
  if (/\bnull\b/.test(message)) return 'values are never null: check has(object.field) first';
  if (/\bdouble (==|!=) int\b|\bint (==|!=) double\b/.test(message)) return 'write the number as 3.0';
  if (/\bint\b/.test(message) && /\bdouble\b/.test(message)) return 'convert with int(…) or double(…)';
  return undefined;
}
