/**
 * A regular expression as the graph of places that a backtracking engine visits, preceded by the search for a start.
 * Assertions always pass here, so the graph may have more paths than the expression, but never fewer.
 */
import regexpTree from 'regexp-tree';
import type { AstNode, AstRegExp, Expression, Repetition } from 'regexp-tree/ast';

/** Characters that classes and flags distinguish: all of ASCII, and one of each other sort. */
const SIGNS = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...'\u00a0\u00b7\u00df\u00e4\u00c4\u0130\u0131\u017f\u0301\u03c3\u03c2\u0431\u0660\u200b\u202e\u2028\u2029\u2066\u212a\u3042\u4e2d\uff21\uff0e\ue000\ufeff\ufffd',
  '\ud800',
  '\udfff',
];
/** More repetitions than this count as any number. */
const MANY = 64;

interface Edge {
  readonly to: number;
  /** Only passed if an assertion holds. */
  readonly checked: boolean;
  /** Only passed before the first character. */
  readonly atStart: boolean;
}
interface Point {
  /** The characters that match here, as one text; undefined if nothing is consumed. */
  readonly takes: string | undefined;
  readonly edges: Edge[];
}

/** One place that consumes a character. */
export interface Place {
  /** One of each sort of characters that it matches. */
  readonly takes: ReadonlySet<string>;
  /** Places that may follow, and the number of paths without a character in between (2 = two or more). */
  readonly next: ReadonlyMap<number, number>;
}

/** Lookaheads and lookbehinds are matched separately at every place: their contents. */
export function lookedFor(pattern: string, flags: string): string[] {
  const found: string[] = [];
  const visit = (node: AstNode) => {
    if (node.type === 'Assertion' && 'assertion' in node && node.assertion)
      found.push(sourceOf(node.assertion));
  };
  regexpTree.traverse(parse(pattern, flags), { '*': ({ node }: { node: AstNode }) => visit(node) } as never);
  return found;
}

/**
 * The places that consume characters, and their successors. A part that always ends in a match is omitted: the engine
 * never backtracks behind it. @throws Error for unsupported syntax, such as a backreference.
 */
export function placesOf(pattern: string, flags: string): Place[] {
  const points: Point[] = [];
  const point = (takes?: string): number => points.push({ takes, edges: [] }) - 1;
  const join = (from: number, to: number, how: { checked?: boolean; atStart?: boolean } = {}) =>
    points[from]?.edges.push({ to, checked: how.checked ?? false, atStart: how.atStart ?? false });
  const after = (from: number, how?: { checked?: boolean; atStart?: boolean }): number => {
    const to = point();
    join(from, to, how);
    return to;
  };

  const compile = (node: Expression, from: number): number => {
    switch (node.type) {
      case 'Alternative':
        return node.expressions.reduce((at, part) => compile(part, at), from);
      case 'Disjunction': {
        const end = point();
        for (const side of [node.left, node.right]) join(side ? compile(side, after(from)) : from, end);
        return end;
      }
      case 'Group':
        return node.expression ? compile(node.expression, from) : from;
      case 'Assertion':
        return after(from, node.kind === '^' && !flags.includes('m') ? { atStart: true } : { checked: true });
      case 'Repetition':
        return repeat(node, from);
      case 'Backreference':
        throw new Error('refers back');
      default: {
        const own = new RegExp(`^${sourceOf(node)}$`, flags.replace(/[gymd]/g, ''));
        const taking = point(SIGNS.filter((sign) => own.test(sign)).join('\n'));
        join(from, taking);
        return after(taking);
      }
    }
  };
  const repeat = ({ expression, quantifier }: Repetition, from: number): number => {
    const [least, most] =
      quantifier.kind === 'Range'
        ? [quantifier.from, quantifier.to ?? Number.POSITIVE_INFINITY]
        : [quantifier.kind === '+' ? 1 : 0, quantifier.kind === '?' ? 1 : Number.POSITIVE_INFINITY];
    let at = from;
    for (let done = 1; done < Math.min(least, MANY); done++) at = compile(expression, at);
    if (most > MANY) {
      const begin = after(at);
      const end = compile(expression, begin);
      join(end, begin);
      return after(least === 0 ? begin : end);
    }
    if (least > 0) at = compile(expression, at);
    const out = point();
    for (let done = least; done < most; done++) {
      join(at, out);
      at = compile(expression, after(at));
    }
    join(at, out);
    return out;
  };

  const searching = point(SIGNS.join('\n'));
  const start = point();
  join(searching, searching);
  join(searching, start);
  const { body } = parse(pattern, flags);
  const end = body ? compile(body, start) : start;
  return reduced(points, end, start, searching);
}

function reduced(points: readonly Point[], end: number, start: number, searching: number): Place[] {
  const taking = points.flatMap(({ takes }, at) => (takes === undefined ? [] : [at]));
  const indexOf = new Map(taking.map((at, index) => [at, index]));
  const reached = new Set<number>();
  const places: Place[] = taking.map(() => ({ takes: new Set(), next: new Map() }));
  const waiting = [...new Set([...ways(points, start, end, true).next.keys(), searching])];
  if (ways(points, start, end, true).matches) return [];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const { next, matches } = ways(points, at, end, false);
    if (matches) continue;
    places[indexOf.get(at) ?? -1] = {
      takes: new Set(points[at]?.takes?.split('\n')),
      next: new Map([...next].map(([to, count]) => [indexOf.get(to) ?? -1, count])),
    };
    waiting.push(...next.keys());
  }
  return places;
}

/** From a point to the next ones that consume a character, each with the number of paths to it, at most 2. */
function ways(points: readonly Point[], from: number, end: number, atStart: boolean) {
  const next = new Map<number, number>();
  let matches = false;
  /** A point may occur twice on a path: a repetition of a possibly empty part is left and entered again. */
  const go = (at: number, path: readonly number[], checked: boolean): void => {
    for (const edge of points[at]?.edges ?? []) {
      if (edge.atStart && !atStart) continue;
      const isChecked = checked || edge.checked;
      if (edge.to === end && !isChecked) matches = true;
      if (points[edge.to]?.takes !== undefined) next.set(edge.to, Math.min(2, (next.get(edge.to) ?? 0) + 1));
      else if (path.filter((one) => one === edge.to).length < 2) go(edge.to, [...path, edge.to], isChecked);
    }
  };
  if (from === end) matches = true;
  go(from, [from], false);
  return { next, matches };
}

function parse(pattern: string, flags: string): AstRegExp {
  return regexpTree.parse(`/${pattern}/${flags.replace(/[dv]/g, '')}`, { captureLocations: true });
}

function sourceOf(node: AstNode): string {
  if (node.loc === undefined) throw new Error('has no place');
  return node.loc.source;
}
