/**
 * Route templates of HTTP triggers, matched as ASP.NET Core does it:
 * https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
 */
import { parseConstraint, type RouteConstraint } from './route-constraints.js';

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly fallback: string | undefined;
  readonly tests: readonly RouteConstraint[];
}
interface Segment {
  readonly pattern: RegExp;
  readonly parameters: readonly Parameter[];
}

/** A template that was understood. */
export interface RouteTemplate {
  readonly template: string;
  /** The parameters when the path (decoded, without the slash in front) matches. */
  match(path: readonly string[]): Record<string, string> | undefined;
}

/** A rejected template, with the router's message. */
export class RouteTemplateError extends Error {}

/** @throws RouteTemplateError if the real host's router rejects the template, which stops the whole host there. */
export function parseRouteTemplate(template: string): RouteTemplate {
  if (template.startsWith('/') || template.includes('//')) {
    throw new RouteTemplateError(
      "The route template separator character '/' cannot appear consecutively. It must be separated by either a parameter or a literal value.",
    );
  }
  const segments = splitSegments(template).map(parseSegment);
  return {
    template,
    match: (path) => match(segments, path),
  };
}

function match(segments: readonly Segment[], path: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let at = 0;
  for (const segment of segments) {
    const [first] = segment.parameters;
    if (first?.catchAll) {
      const rest = path.slice(at).join('/');
      if (rest !== '') values[first.name] = rest;
      else if (first.fallback !== undefined) values[first.name] = first.fallback;
      at = path.length;
      continue;
    }
    const text = path[at];
    if (text === undefined) {
      if (segment.parameters.length !== 1 || !first || !(first.optional || first.fallback !== undefined))
        return undefined;
      if (first.fallback !== undefined) values[first.name] = first.fallback;
      continue;
    }
    const found = segment.pattern.exec(text);
    if (!found) return undefined;
    segment.parameters.forEach((parameter, i) => {
      values[parameter.name] = found[i + 1] ?? '';
    });
    at++;
  }
  if (at < path.length) return undefined;
  for (const { name, tests } of segments.flatMap((segment) => segment.parameters)) {
    const value = values[name];
    if (value !== undefined && !tests.every((test) => test(value))) return undefined;
  }
  return values;
}

/** Splits at the slashes that are outside of braces. */
function splitSegments(template: string): string[] {
  const segments: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < template.length; at++) {
    const char = template[at];
    if ((char === '{' || char === '}') && template[at + 1] === char) at++;
    else if (char === '{') depth++;
    else if (char === '}') depth--;
    else if (char === '/' && depth === 0) {
      segments.push(template.slice(start, at));
      start = at + 1;
    }
  }
  if (depth !== 0) {
    throw new RouteTemplateError(
      "There is an incomplete parameter in the route template. Check that each '{' character has a matching '}' character.",
    );
  }
  if (start < template.length) segments.push(template.slice(start));
  return segments;
}

function parseSegment(text: string): Segment {
  const parameters: Parameter[] = [];
  const source = text.replace(/\{\{|\}\}|\{((?:[^{}]|\{\{|\}\})*)\}|[^{}]+/g, (token, inner?: string) => {
    if (inner === undefined)
      return (token === '{{' || token === '}}' ? token.slice(1) : token).replace(
        /[\\^$.*+?()[\]{}|/-]/g,
        '\\$&',
      );
    parameters.push(parseParameter(inner));
    return '(.+)';
  });
  return { pattern: new RegExp(`^${source}$`, 'is'), parameters };
}

function parseParameter(inner: string): Parameter {
  const catchAll = inner.startsWith('*');
  const parts = splitOutsideParentheses(inner.replace(/^\*+/, ''));
  const [, last = '', fallback, question] = /^(.*?)(?:=([^()]*?))?(\?)?$/s.exec(parts.pop() ?? '') ?? [];
  const optional = question === '?';
  const [name = '', ...rest] = [...parts, last];
  const tests = rest.map((constraint) => {
    const test = parseConstraint(constraint);
    if (!test)
      throw new RouteTemplateError(
        `The constraint reference '${constraint}' could not be resolved to a type.`,
      );
    return test;
  });
  if (!/^[^{}/*?:=]+$/.test(name))
    throw new RouteTemplateError(`The route parameter name '${name}' is invalid.`);
  return { name, optional, catchAll, fallback, tests };
}

/** `x:length(2,4):alpha` -> `x`, `length(2,4)`, `alpha`; a colon in parentheses belongs to the argument. */
function splitOutsideParentheses(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === ':' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}
