/** Keys in the admin API: read, set, renew, delete. https://learn.microsoft.com/rest/api/appservice/web-apps/create-or-update-function-secret */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KeyScope, MASTER } from '../http/key-ring.js';
import { reply, replyJson } from '../http/reply.js';
import type { RequestUrl } from '../http/request-url.js';
import { isObject } from '../triggers/event-grid-trigger.js';
import type { AdminHandler, AdminOptions } from './admin-options.js';
import { readJsonBody } from './json-body.js';

const plainText = { 'Content-Type': 'text/plain; charset=utf-8' };

/** @param path what follows `/admin` */
export function keyHandler(
  options: AdminOptions,
  method: string,
  path: readonly string[],
): AdminHandler | undefined {
  const parts = scopeOf(options, path);
  if (!parts) return undefined;
  const { scope, name } = parts;
  if (name === undefined) {
    if (method !== 'GET') return undefined;
    return (_, response, url) => (scope ? list(options, scope, response, url) : reply(response, 404));
  }
  switch (method) {
    case 'GET':
      return (_, response, url) => {
        const value = scope && options.keys.get(scope, name);
        if (value === undefined) reply(response, 404);
        else show(response, url, { name, value });
      };
    case 'POST':
      return (_, response, url) => set(options, scope, name, undefined, response, url);
    case 'PUT':
      return (request, response, url) => put(options, scope, name, request, response, url);
    case 'DELETE':
      return (_, response) => remove(options, scope, name, response);
    default:
      return undefined;
  }
}

/** The key scope (undefined if the function does not exist) and the key's name. */
function scopeOf(
  { functions }: AdminOptions,
  path: readonly string[],
): { readonly scope: KeyScope | undefined; readonly name: string | undefined } | undefined {
  const [area, second = '', third] = path.map((part) => part.toLowerCase());
  if (area === 'host' && path.length <= 3) {
    if (second === 'keys' || second === 'functionkeys') return { scope: 'functionkeys', name: path[2] };
    return second === 'systemkeys' ? { scope: 'systemkeys', name: path[2] } : undefined;
  }
  if (area !== 'functions' || third !== 'keys' || path.length > 4) return undefined;
  const found = functions.listed.find(({ name }) => name.toLowerCase() === second);
  return { scope: found && { functionName: found.name }, name: path[3] };
}

function list({ keys }: AdminOptions, scope: KeyScope, response: ServerResponse, url: RequestUrl): void {
  show(response, url, { keys: [...keys.list(scope)].map(([name, value]) => ({ name, value })) });
}

async function put(
  options: AdminOptions,
  scope: KeyScope | undefined,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
): Promise<void> {
  const body = await readJsonBody(request, options.limits);
  if ('rejectedWith' in body) {
    reply(response, body.rejectedWith);
    return;
  }
  const [, value] = isObject(body.json)
    ? (Object.entries(body.json).findLast(([key]) => key.toLowerCase() === 'value') ?? [])
    : [];
  if (value === undefined || value === null || typeof value === 'object')
    reply(response, 400, plainText, 'Invalid key value');
  else set(options, scope, name, String(value), response, url);
}

function set(
  { keys }: AdminOptions,
  scope: KeyScope | undefined,
  name: string,
  given: string | undefined,
  response: ServerResponse,
  url: RequestUrl,
): void {
  if (!scope) {
    reply(response, 404);
    return;
  }
  const { value, isNew } = keys.set(scope, name, given);
  if (isNew) response.setHeader('Location', url.base + url.path);
  show(response, url, { name, value }, isNew ? 201 : 200);
}

function remove(
  { keys }: AdminOptions,
  scope: KeyScope | undefined,
  name: string,
  response: ServerResponse,
): void {
  if (name.toLowerCase() === MASTER) reply(response, 400, plainText, 'Cannot delete System Key.');
  else reply(response, scope && keys.delete(scope, name) ? 204 : 404);
}

function show(response: ServerResponse, url: RequestUrl, value: object, status = 200): void {
  const links = [{ rel: 'self', href: `${url.base}${url.path}` }];
  replyJson(response, { ...value, links }, status);
}
