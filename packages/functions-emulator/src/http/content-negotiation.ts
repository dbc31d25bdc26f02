/**
 * Chooses the media type of an answer as ASP.NET Core's output formatters do it.
 * https://learn.microsoft.com/aspnet/core/web-api/advanced/formatting#content-negotiation
 */

interface Wanted {
  readonly type: string;
  readonly quality: number;
}

/**
 * The first of the types that the caller accepts, by its preference; the first one of all when none is accepted, or the
 * caller accepts anything, as browsers do.
 */
export function acceptedType(accept: string | undefined, offered: readonly string[]): string {
  const wanted = parseAccept(accept ?? '');
  const [first = ''] = offered;
  if (wanted.some(({ type }) => type === '*/*')) return first;
  for (const { type } of wanted) {
    const found = offered.find((one) => one === type || one.replace(/\/.*/, '/*') === type);
    if (found !== undefined) return found;
  }
  return first;
}

/** The accepted types in lower case, in order of preference. */
function parseAccept(accept: string): Wanted[] {
  return accept
    .toLowerCase()
    .split(',')
    .map((part): Wanted => {
      const [type = '', ...parameters] = part.split(';').map((one) => one.trim());
      const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
      return { type, quality: Number.isNaN(quality) ? 0 : quality };
    })
    .filter(({ type, quality }) => /^[^/\s]+\/[^/\s]+$/.test(type) && quality > 0)
    .sort((a, b) => b.quality - a.quality);
}
