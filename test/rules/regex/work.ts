/**
 * Whether the work of a regular expression grows faster than its input. That is so exactly if a text has two paths that
 * meet again (exponential), or if the engine can leave a loop at any repetition for another loop (polynomial). Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers", 2016.
 */
import { lookedFor, type Place, placesOf } from './graph.js';

/** Undefined if the work is linear, otherwise the reason why it is not. */
export function superlinear(pattern: string, flags = ''): string | undefined {
  let places: Place[];
  try {
    for (const part of lookedFor(pattern, flags)) {
      const inner = superlinear(part, flags);
      if (inner !== undefined) return inner;
    }
    places = placesOf(pattern, flags);
  } catch (error) {
    return `not understood: ${error instanceof Error ? error.message : String(error)}`;
  }
  const reach = places.map((_, at) => reachable(places, at));
  const loops = places.flatMap((_, at) => (reach[at]?.has(at) ? [at] : []));
  for (const p of loops) {
    for (const [to, count] of places[p]?.next ?? []) {
      if (count > 1 && reach[to]?.has(p)) return 'exponential: two ways to the same place, again and again';
    }
  }
  const signs = sorts(places);
  for (const p of loops) {
    for (const q of loops) {
      if (p !== q && reach[p]?.has(q) && leavesAnywhere(places, reach, p, q, signs)) {
        return reach[q]?.has(p) ? 'exponential' : 'polynomial';
      }
    }
  }
  return undefined;
}

/** Whether some text leads from p to p, from p to q and from q to q. */
function leavesAnywhere(
  places: readonly Place[],
  reach: readonly ReadonlySet<number>[],
  p: number,
  q: number,
  signs: readonly string[],
): boolean {
  const on = (at: number, sign: string, until: number) =>
    places[at]?.takes.has(sign)
      ? [...(places[at]?.next.keys() ?? [])].filter((to) => to === until || reach[to]?.has(until))
      : [];
  const goal = `${p},${q},${q}`;
  const seen = new Set<string>();
  const waiting: (readonly [number, number, number])[] = [[p, p, q]];
  for (let now = waiting.pop(); now !== undefined; now = waiting.pop()) {
    for (const sign of signs) {
      for (const a of on(now[0], sign, p)) {
        for (const b of on(now[1], sign, q)) {
          for (const c of on(now[2], sign, q)) {
            const key = `${a},${b},${c}`;
            if (key === goal) return true;
            if (seen.has(key)) continue;
            seen.add(key);
            waiting.push([a, b, c]);
          }
        }
      }
    }
  }
  return false;
}

function reachable(places: readonly Place[], from: number): Set<number> {
  const found = new Set<number>();
  const waiting = [...(places[from]?.next.keys() ?? [])];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...(places[at]?.next.keys() ?? []));
  }
  return found;
}

/** One character of each sort that the places distinguish. */
function sorts(places: readonly Place[]): string[] {
  const signs = new Set(places.flatMap(({ takes }) => [...takes]));
  const bySort = new Map<string, string>();
  for (const sign of signs) bySort.set(places.map(({ takes }) => (takes.has(sign) ? 1 : 0)).join(''), sign);
  return [...bySort.values()];
}
