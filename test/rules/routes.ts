/**
 * The Functions host tries HTTP routes in the order of the function names, and the first match wins: a literal has no
 * precedence over a parameter. So two routes must not match the same path, unless they are equal and have different
 * methods.
 */

export interface HttpRoute {
  readonly name: string;
  readonly route: string;
  readonly methods: readonly string[];
}

type Segment = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'parameter' };
const PARAMETER: Segment = { kind: 'parameter' };

/** Pairs of routes that can match the same path: one has a literal where the other has a parameter, or they share a method. */
export function clashingRoutes(routes: readonly HttpRoute[]): string[] {
  const longest = Math.max(0, ...routes.map(({ route }) => route.split('/').length));
  const forms = routes.map((one) => ({ ...one, forms: formsOf(one.route, longest + 1) }));
  return forms.flatMap((a, at) =>
    forms.slice(at + 1).flatMap((b) => {
      const found = a.forms.flatMap((x) => b.forms.map((y) => meeting(x, y)));
      const shared = a.methods.some((method) => b.methods.includes(method));
      const clash = found.includes('literal beside parameter') || (shared && found.includes('same'));
      return clash ? [`${a.name} (${a.route}) and ${b.name} (${b.route})`] : [];
    }),
  );
}

/** The segments of every length that a template matches: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates */
function formsOf(template: string, longest: number): Segment[][] {
  const segments = template.split('/').filter((text) => text !== '');
  const last = segments.at(-1) ?? '';
  const all = segments.map(
    (text): Segment => (text.includes('{') ? PARAMETER : { kind: 'literal', text: text.toLowerCase() }),
  );
  const before = all.slice(0, -1);
  if (last.startsWith('{*')) {
    const lengths = Array.from({ length: longest - before.length + 1 }, (_, length) => length);
    return lengths.map((length) => [...before, ...Array.from({ length }, () => PARAMETER)]);
  }
  return /^\{.*[?=].*\}$/.test(last) ? [before, all] : [all];
}

function meeting(
  a: readonly Segment[],
  b: readonly Segment[],
): 'apart' | 'same' | 'literal beside parameter' {
  if (a.length !== b.length) return 'apart';
  let result: 'same' | 'literal beside parameter' = 'same';
  for (const [at, x] of a.entries()) {
    const y = b[at] ?? PARAMETER;
    if (x.kind !== y.kind) result = 'literal beside parameter';
    else if (x.kind === 'literal' && y.kind === 'literal' && x.text !== y.text) return 'apart';
  }
  return result;
}
