/** Conditions in CEL: https://github.com/google/cel-spec/blob/master/doc/langdef.md */
import { Environment, ParseError } from '@marcbachmann/cel-js';
import { type Content, Types } from './cel-values.js';
import { EvaluationTrace } from './evaluation-trace.js';
import type { ExpressionIssue } from './expression-issue.js';
import { lintExpression } from './lint.js';
import { conjunctsOf, type Operand, operandsOf } from './operands.js';
import { syntaxIssue } from './syntax-words.js';
import { typeWords } from './type-words.js';
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
  /** The parts that must all be true; only itself if it is no conjunction. */
  conjuncts(): readonly Condition[];
  evaluate(variables: Readonly<Record<string, VariableContent>>): Evaluation;
}

/** As the expression library reads the names of types. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

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

  /** Whether a variable of this name can be declared. */
  static allows(name: string): boolean {
    return IDENTIFIER.test(name) && !ConditionScope.reserves(name);
  }

  /** Whether CEL reserves the word. */
  static reserves(name: string): boolean {
    try {
      new Environment().registerVariable(name, 'dyn');
      return false;
    } catch {
      return IDENTIFIER.test(name);
    }
  }

  /** Compiles a condition, or returns everything that is wrong with it. Its type must be bool. */
  compile(expression: string): Condition | ExpressionIssue[] {
    let parsed: ReturnType<Environment['parse']>;
    try {
      parsed = this.environment.parse(expression);
    } catch (thrown) {
      if (!(thrown instanceof ParseError)) throw thrown;
      return [syntaxIssue(thrown, expression)];
    }
    const issues = lintExpression(parsed.ast, this.shapes);
    const operands = operandsOf(parsed.ast);
    for (const operand of operands) {
      const end = operand.start + operand.text.length;
      // A wrong name has no type, so only the other operands are checked.
      if (issues.some(({ start }) => start >= operand.start && start < end)) continue;
      issues.push(...this.typeIssues(operand, operands.length > 1));
    }
    if (issues.length > 0) return issues;
    const inAll = this.typeIssues({ text: expression, start: 0 }, false);
    if (inAll.length > 0) return inAll;
    return this.condition(expression, parsed);
  }

  /** What is wrong with the types of a part. `isPart`: of && or ||, which also accept a value of unknown type. */
  private typeIssues({ text, start }: Operand, isPart: boolean): ExpressionIssue[] {
    let checked: ReturnType<Environment['check']>;
    try {
      checked = this.environment.check(text);
    } catch (thrown) {
      if (thrown instanceof ParseError) return [];
      throw thrown;
    }
    const { valid, type, error } = checked;
    if (!valid) {
      const { message, next } = typeWords(error?.summary ?? 'the types do not fit');
      return [{ code: TYPE_CODE, start: start + (error?.range?.start ?? 0), message, next }];
    }
    // Errors that follow from an invalid declaration are not reported a second time.
    const unsure = isPart || [...this.shapes.values()].some((shape) => shape.type === 'any');
    if (type === 'bool' || (type === 'dyn' && unsure)) return [];
    const message = `a condition must be true or false, this is ${String(type).replaceAll('object.', '')}`;
    return [{ code: TYPE_CODE, start, message, next: 'compare it with something' }];
  }

  private condition(expression: string, parsed: ReturnType<Environment['parse']>): Condition {
    return {
      expression,
      evaluate: (variables) => this.evaluate(parsed, variables),
      conjuncts: () =>
        conjunctsOf(parsed.ast).map(({ text }) => this.condition(text, this.environment.parse(text))),
    };
  }

  private evaluate(
    run: (context: Record<string, unknown>) => unknown,
    variables: Readonly<Record<string, VariableContent>>,
  ): Evaluation {
    const trace = new EvaluationTrace();
    const context: Record<string, unknown> = {};
    for (const [name, shape] of this.shapes) {
      const content = variables[name];
      if (content !== undefined) context[name] = this.bind(shape, content, name, trace);
    }
    try {
      const result = run(context);
      return { result: result === true ? 'true' : 'false', values: trace.values, because: [] };
    } catch (thrown) {
      return { result: 'unknown', values: trace.values, because: trace.reasons(thrown) };
    }
  }

  private bind(shape: Shape, content: VariableContent, name: string, trace: EvaluationTrace): unknown {
    if ('items' in content) {
      if (shape.type !== 'list' || shape.items.type !== 'object') return undefined;
      const { items } = shape;
      return content.items.map((item) =>
        this.types.object(items, item.content, `${name}[${item.label}]`, trace),
      );
    }
    return shape.type === 'object' ? this.types.object(shape, content, name, trace) : undefined;
  }
}

const TYPE_CODE = 'expression-type';
