/** The admin API's keys: read, set, renewed, deleted. https://learn.microsoft.com/rest/api/appservice/web-apps/create-or-update-function-secret */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Action } from './admin.js';
import { readJsonBody } from './admin-body.js';
import type { FunctionRoutes } from './admin-functions.js';
import { isObject } from './event-grid.js';
import { type KeyScope, MASTER } from './keys.js';
import { reply, replyJson } from './reply.js';
import type { Target } from './target.js';

const plainText = { 'Content-Type': 'text/plain; charset=utf-8' };

/** @param path what follows `/admin` */
export function keyAction(
  options: FunctionRoutes,
  method: string,
  path: readonly string[],
): Action | undefined {
  const parts = scopeOf(options, path);
  if (!parts) return undefined;
  const { scope, name } = parts;
  if (name === undefined) {
    if (method !== 'GET') return undefined;
    return (_, response, target) => (scope ? list(options, scope, response, target) : reply(response, 404));
  }
  switch (method) {
    case 'GET':
      return (_, response, target) => {
        const value = scope && options.keys.get(scope, name);
        if (value === undefined) reply(response, 404);
        else show(response, target, { name, value });
      };
    case 'POST':
      return (_, response, target) => set(options, scope, name, undefined, response, target);
    case 'PUT':
      return (request, response, target) => put(options, scope, name, request, response, target);
    case 'DELETE':
      return (_, response) => remove(options, scope, name, response);
    default:
      return undefined;
  }
}

/** The scope, undefined for a function that is not there, and the key's name in a path of keys. */
function scopeOf(
  { functions }: FunctionRoutes,
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

function list({ keys }: FunctionRoutes, scope: KeyScope, response: ServerResponse, target: Target): void {
  show(response, target, { keys: [...keys.list(scope)].map(([name, value]) => ({ name, value })) });
}

async function put(
  options: FunctionRoutes,
  scope: KeyScope | undefined,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<void> {
  const body = await readJsonBody(request, options.limits);
  if ('refused' in body) {
    reply(response, body.refused);
    return;
  }
  const [, value] = isObject(body.json)
    ? (Object.entries(body.json).findLast(([key]) => key.toLowerCase() === 'value') ?? [])
    : [];
  if (value === undefined || value === null || typeof value === 'object')
    reply(response, 400, plainText, 'Invalid key value');
  else set(options, scope, name, String(value), response, target);
}

function set(
  { keys }: FunctionRoutes,
  scope: KeyScope | undefined,
  name: string,
  given: string | undefined,
  response: ServerResponse,
  target: Target,
): void {
  if (!scope) {
    reply(response, 404);
    return;
  }
  const { value, isNew } = keys.set(scope, name, given);
  if (isNew) response.setHeader('Location', target.base + target.path);
  show(response, target, { name, value }, isNew ? 201 : 200);
}

function remove(
  { keys }: FunctionRoutes,
  scope: KeyScope | undefined,
  name: string,
  response: ServerResponse,
): void {
  if (name.toLowerCase() === MASTER) reply(response, 400, plainText, 'Cannot delete System Key.');
  else reply(response, scope && keys.delete(scope, name) ? 204 : 404);
}

function show(response: ServerResponse, target: Target, value: object, status = 200): void {
  const links = [{ rel: 'self', href: `${target.base}${target.path}` }];
  replyJson(response, { ...value, links }, status);
}
