/**
 * The parts of OData that the simulated services need: comparisons and `startswith` joined by `and` and `or`,
 * `$select`, `$orderby`, `$top`.
 */
import { ServiceError } from './errors.js';

type Row = Readonly<Record<string, unknown>>;
interface Comparison {
  readonly property: string;
  readonly operator: string;
  readonly value: string | number | boolean | null;
}
const CLAUSES = [
  /^\s*(?<property>[A-Za-z][\w/]*)\s+(?<operator>eq|ne|gt|ge|lt|le)\s+(?<literal>'(?:[^']|'')*'|[^\s']+)\s*(?:(?<join>and|or)\s+|$)/i,
  /^\s*(?<operator>startswith)\(\s*(?<property>[A-Za-z][\w/]*)\s*,\s*(?<literal>'(?:[^']|'')*')\s*\)\s*(?:(?<join>and|or)\s+|$)/i,
];

/**
 * Alternatives: in each, all comparisons must hold.
 * @throws ServiceError 400 for a filter that the simulator cannot parse.
 */
export function parseFilter(text: string): readonly (readonly Comparison[])[] {
  let comparisons: Comparison[] = [];
  const alternatives = [comparisons];
  let rest = text;
  while (rest !== '') {
    const match = CLAUSES.map((clause) => clause.exec(rest)).find((found) => found !== null);
    if (match === undefined) {
      throw new ServiceError(400, 'BadRequest', `Invalid filter clause at '${rest.slice(0, 40)}'.`);
    }
    const { property = '', operator = '', literal = '', join } = match.groups ?? {};
    comparisons.push({ property, operator: operator.toLowerCase(), value: literalValue(literal) });
    rest = rest.slice(match[0].length);
    if (rest === '' && join !== undefined) {
      throw new ServiceError(400, 'BadRequest', `The filter ends with ${join}.`);
    }
    if (join?.toLowerCase() === 'or') {
      comparisons = [];
      alternatives.push(comparisons);
    }
  }
  return alternatives;
}

/** The properties that a filter compares. */
export function propertiesOf(filter: string): string[] {
  return parseFilter(filter).flatMap((all) => all.map(({ property }) => property));
}

/** Applies `$filter`, `$orderby` and `$top` of a query. `anyCase`: texts are equal whatever their letter case. */
export function applyQuery<T extends Row>(
  rows: readonly T[],
  query: URLSearchParams,
  { anyCase = false } = {},
): T[] {
  const filter = parseFilter(query.get('$filter') ?? '');
  const kept = rows.filter((row) =>
    filter.some((all) => all.every((comparison) => holds(row, comparison, anyCase))),
  );
  const [property, direction] = (query.get('$orderby') ?? '').trim().split(/\s+/);
  if (property) {
    const sign = direction?.toLowerCase() === 'desc' ? -1 : 1;
    kept.sort((a, b) => sign * order(a[property], b[property]));
  }
  const top = query.get('$top');
  return top === null ? kept : kept.slice(0, Number(top));
}

/** The properties of `$select`, or all. Unknown ones are omitted, as in the real services. */
export function select(row: Row, names: string | null | undefined): Record<string, unknown> {
  if (!names) return { ...row };
  return Object.fromEntries(
    names
      .split(',')
      .map((name) => name.trim())
      .flatMap((name) => (name in row ? [[name, row[name]]] : [])),
  );
}

function literalValue(literal: string): Comparison['value'] {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  if (literal === 'true' || literal === 'false') return literal === 'true';
  if (literal === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(literal) ? Number(literal) : literal;
}

function holds(row: Row, { property, operator, value }: Comparison, anyCase: boolean): boolean {
  if (!(property in row))
    throw new ServiceError(400, 'BadRequest', `Could not find a property named '${property}'.`);
  const own = row[property];
  const isText = anyCase && typeof own === 'string' && typeof value === 'string';
  const result = isText ? order(own.toLowerCase(), value.toLowerCase()) : order(own, value);
  switch (operator) {
    case 'startswith':
      return String(row[property]).toLowerCase().startsWith(String(value).toLowerCase());
    case 'eq':
      return result === 0;
    case 'ne':
      return result !== 0;
    case 'gt':
      return result > 0;
    case 'ge':
      return result >= 0;
    case 'lt':
      return result < 0;
    default:
      return result <= 0;
  }
}

/** Times are compared as times, independent of their number of digits. */
function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  const [s, t] = [instant(x), instant(y)];
  if (s !== undefined && t !== undefined) return s - t;
  return x === y ? 0 : x < y ? -1 : 1;
}

function instant(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return undefined;
  const value = Date.parse(text);
  return Number.isNaN(value) ? undefined : value;
}
