/** The URL of a request, parsed as the real host's web server does. */
import type { IncomingMessage } from 'node:http';

export interface RequestUrl {
  /** Decoded, except `%2F`; without dot segments. */
  readonly path: string;
  /** The path cut at its slashes, without the first and without one slash at the end. */
  readonly segments: readonly string[];
  /** As sent, with its question mark, or empty. */
  readonly search: string;
  /** Keys in the case of their first use; keys that differ only by case are merged. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Scheme and host as the caller sees them. */
  readonly base: string;
}

/** The target, or undefined when the path cannot be one (a null character). */
export function parseRequestUrl(request: IncomingMessage): RequestUrl | undefined {
  const url = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const at = url.indexOf('?');
  const search = at < 0 ? '' : url.slice(at);
  const path = removeDots(decodePath(at < 0 ? url : url.slice(0, at)));
  if (path.includes('\0')) return undefined;
  const segments = path.replace(/^\//, '').split('/');
  if (segments.at(-1) === '') segments.pop();
  return { path, segments, search, query: parseQuery(search), base: `http://${request.headers.host ?? ''}` };
}

/** The address that the function sees. Escapes in the decoded path stay, other characters are escaped again. */
export function fullUrl(url: RequestUrl): string {
  const path = url.path.replace(/%(?![0-9a-f]{2})|[^\w\-.~!$&'()*+,;=:@/%]+/gi, encodeURIComponent);
  return url.base + path + url.search.replaceAll('#', '%23');
}

/** One value for each key: repeated values are joined by commas. */
export function joinedQuery(url: RequestUrl): Record<string, string> {
  return Object.fromEntries([...url.query].map(([key, values]) => [key, values.join(',')]));
}

/** The first value of a key in any case. */
export function queryValue(url: RequestUrl, name: string): string | undefined {
  for (const [key, values] of url.query) if (key.toLowerCase() === name) return values[0];
  return undefined;
}

function parseQuery(search: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  const names = new Map<string, string>();
  for (const pair of search.slice(1).split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = decode((at < 0 ? pair : pair.slice(0, at)).replaceAll('+', ' '));
    const name = names.get(key.toLowerCase()) ?? key;
    names.set(key.toLowerCase(), name);
    query.set(name, [
      ...(query.get(name) ?? []),
      at < 0 ? '' : decode(pair.slice(at + 1).replaceAll('+', ' ')),
    ]);
  }
  return query;
}

const decodePath = (path: string): string =>
  path
    .split(/(%2f)/i)
    .map((part, i) => (i % 2 === 1 ? part : decode(part)))
    .join('');

/** Decodes the escapes that are UTF-8 and leaves the others as they are. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

function removeDots(path: string): string {
  const parts = path.split('/');
  if (!parts.includes('.') && !parts.includes('..')) return path;
  const out: string[] = [];
  for (const [i, part] of parts.entries()) {
    if (part === '..' && out.length > 1) out.pop();
    if (part !== '.' && part !== '..') out.push(part);
    else if (i === parts.length - 1) out.push('');
  }
  return out.join('/');
}
