import type { Raw } from '../domain/builders/path.js';
import { lowerCase } from '../domain/unicode-text.js';

/**
 * The place of the next page in a link of OData: `$skip` or `$skiptoken`. Undefined: it has none. Only the place is taken from a
 * link: its host and path are never called.
 */
export function nextPlace(link: string): { readonly name: Raw; readonly value: string } | undefined {
  const query = URL.canParse(link) ? [...new URL(link).searchParams] : [];
  const [place] = query.filter(([name]) => /^\$skip(?:token)?$/i.test(name));
  return place && { name: { raw: lowerCase(place[0]) }, value: place[1] };
}
