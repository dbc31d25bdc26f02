/** Who calls: access keys as the real host checks them. https://learn.microsoft.com/azure/azure-functions/function-keys-how-to */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reply } from './reply.js';
import { queryValue, type Target } from './target.js';
import type { DoorKeys } from './types.js';

/** Makes a set of random keys. */
export function generateKeys(): DoorKeys {
  return { master: key(), function: key(), extensions: { eventgrid: key(), durabletask: key() } };
}

const key = (): string => randomBytes(40).toString('base64url');

/** What a caller may do: `level` is that of the key shown, `extension` names the system key. */
export type Caller =
  | { readonly level: 'admin' }
  | { readonly level: 'function' /** undefined = any function */; readonly functionName: string | undefined }
  | { readonly level: 'system'; readonly extension: string }
  | { readonly level: 'nobody' };

/** Knows all keys, those made for single functions included. */
export class KeyRing {
  readonly #ofFunctions = new Map<string, string>();

  constructor(
    readonly keys: DoorKeys,
    private readonly authOff: boolean,
  ) {}

  /** The default key of one function, made when it is first asked for. */
  ofFunction(name: string): string {
    const known = this.#ofFunctions.get(name) ?? key();
    this.#ofFunctions.set(name, known);
    return known;
  }

  identify(request: IncomingMessage, target: Target): Caller {
    if (this.authOff) return { level: 'admin' };
    const header = request.headers['x-functions-key'];
    const shown = (typeof header === 'string' ? header : undefined) ?? queryValue(target, 'code');
    if (!shown) return { level: 'nobody' };
    if (same(shown, this.keys.master)) return { level: 'admin' };
    if (same(shown, this.keys.function)) return { level: 'function', functionName: undefined };
    for (const [extension, value] of Object.entries(this.keys.extensions)) {
      if (same(shown, value)) return { level: 'system', extension };
    }
    for (const [functionName, value] of this.#ofFunctions) {
      if (same(shown, value)) return { level: 'function', functionName };
    }
    return { level: 'nobody' };
  }

  /** True for administrators and holders of the extension's key; else answers with 401 or 403. */
  admits(request: IncomingMessage, response: ServerResponse, target: Target, extension?: string): boolean {
    const caller = this.identify(request, target);
    if (caller.level === 'admin') return true;
    if (caller.level === 'system' && caller.extension === extension) return true;
    if (caller.level === 'nobody') reply(response, 401, { 'WWW-Authenticate': 'Bearer' });
    else reply(response, 403);
    return false;
  }
}

function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
