/** Access keys, checked as the real host does. https://learn.microsoft.com/azure/azure-functions/function-keys-how-to */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reply } from './reply.js';
import { queryValue, type RequestUrl } from './request-url.js';

/** The keys that callers show in `x-functions-key` or `?code=`. */
export interface HostKeys {
  readonly master: string;
  /** The host's default function key. */
  readonly function: string;
  /** System keys by extension: `eventgrid`, `durabletask`. */
  readonly extensions: Readonly<Record<string, string>>;
}

/** Makes a set of random keys. */
export function generateHostKeys(): HostKeys {
  return { master: newKey(), function: newKey(), extensions: { eventgrid: newKey(), durabletask: newKey() } };
}

const newKey = (): string => randomBytes(40).toString('base64url');

/** What a caller may do: `level` is that of the key shown, `name` is the name of a system key. */
export type Caller =
  | { readonly level: 'admin' | 'function' | 'none' }
  | { readonly level: 'system'; readonly name: string };

export const MASTER = '_master';
export type KeyScope = 'functionkeys' | 'systemkeys' | { readonly functionName: string };

/** All keys by scope and name, including those of single functions. Keys created here are not persisted. */
export class KeyRing {
  #master: string;
  readonly #ofHost: Map<string, string>;
  readonly #ofExtensions: Map<string, string>;
  readonly #ofFunctions = new Map<string, Map<string, string>>();

  constructor(
    keys: HostKeys,
    private readonly authOff: boolean,
  ) {
    this.#master = keys.master;
    this.#ofHost = new Map([['default', keys.function]]);
    const extensions = Object.entries(keys.extensions).sort();
    this.#ofExtensions = new Map(extensions.map(([name, value]) => [`${name}_extension`, value]));
  }

  /** The keys of a scope; a function's `default` key is created on first use. */
  list(scope: KeyScope): ReadonlyMap<string, string> {
    const keys = this.#scope(scope);
    if (typeof scope === 'object' && keys.size === 0) keys.set('default', newKey());
    return keys;
  }

  /** One key by its name; the master key is among the system's. */
  get(scope: KeyScope, name: string): string | undefined {
    if (scope === 'systemkeys' && name === MASTER) return this.#master;
    return this.list(scope).get(name);
  }

  /** Sets a key, to a random value if none is given. */
  set(scope: KeyScope, name: string, given?: string): { readonly value: string; readonly isNew: boolean } {
    const value = given ?? newKey();
    if (typeof scope === 'string' && name.toLowerCase() === MASTER) {
      this.#master = value;
      return { value, isNew: false };
    }
    const keys = this.#scope(scope);
    const isNew = !keys.has(name);
    keys.set(name, value);
    return { value, isNew };
  }

  delete(scope: KeyScope, name: string): boolean {
    return this.#scope(scope).delete(name);
  }

  /** Whether the request names a key, right or wrong. */
  hasKey(request: IncomingMessage, url: RequestUrl): boolean {
    return request.headers['x-functions-key'] !== undefined || queryValue(url, 'code') !== undefined;
  }

  /** @param functionName the called function, whose own keys are valid too */
  identify(request: IncomingMessage, url: RequestUrl, functionName?: string): Caller {
    if (this.authOff) return { level: 'admin' };
    // The header comes first, even if it is empty.
    const givenKey = request.headersDistinct['x-functions-key']?.[0] ?? queryValue(url, 'code');
    if (!givenKey) return { level: 'none' };
    if (same(givenKey, this.#master)) return { level: 'admin' };
    const matches = (keys: ReadonlyMap<string, string>): string | undefined =>
      [...keys].find(([, value]) => same(givenKey, value))?.[0];
    if (matches(this.#ofHost) !== undefined) return { level: 'function' };
    const name = matches(this.#ofExtensions);
    if (name !== undefined) return { level: 'system', name };
    const own = functionName === undefined ? undefined : this.#ofFunctions.get(functionName);
    return own && matches(own) !== undefined ? { level: 'function' } : { level: 'none' };
  }

  /** True for administrators and holders of the extension's key; else answers with 401 or 403. */
  authorise(
    request: IncomingMessage,
    response: ServerResponse,
    url: RequestUrl,
    extension?: string,
  ): boolean {
    const caller = this.identify(request, url);
    if (caller.level === 'admin') return true;
    if (caller.level === 'system' && caller.name === `${extension}_extension`) return true;
    if (caller.level === 'none') reply(response, 401, { 'WWW-Authenticate': 'Bearer' });
    else reply(response, 403);
    return false;
  }

  #scope(scope: KeyScope): Map<string, string> {
    if (scope === 'functionkeys') return this.#ofHost;
    if (scope === 'systemkeys') return this.#ofExtensions;
    const known = this.#ofFunctions.get(scope.functionName) ?? new Map<string, string>();
    this.#ofFunctions.set(scope.functionName, known);
    return known;
  }
}

function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
