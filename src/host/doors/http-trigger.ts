/** HTTP triggers: finds the function of a request, checks the caller's key, invokes, answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppWorker } from '../worker/types.js';
import { joinedHeaders, readBody, refuseBody } from './body.js';
import type { Dispatcher } from './dispatcher.js';
import type { Functions, HttpFunction } from './functions.js';
import { sendResult } from './http-response.js';
import { proxyToApp } from './http-stream.js';
import type { KeyRing } from './keys.js';
import { reply } from './reply.js';
import { fullUrl, joinedQuery, type Target } from './target.js';

export interface HttpTriggerOptions {
  readonly functions: Functions;
  readonly routePrefix: string;
  readonly keys: KeyRing;
  readonly dispatcher: Dispatcher;
  /** Set when the app asked for HTTP streaming: requests then go to the app's own server. */
  readonly watchStart: AppWorker['watchStart'] | undefined;
}

/** Answers when a function has the route and the method; else returns false. */
export async function serveHttp(
  options: HttpTriggerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<boolean> {
  const found = find(options, request.method ?? 'GET', target);
  if (!found) return false;
  const { definition, authLevel } = found.http;
  const caller = options.keys.identify(request, target);
  const ofThis = caller.level === 'function' && [undefined, definition.name].includes(caller.functionName);
  const allowed =
    authLevel === 'anonymous' || caller.level === 'admin' || (authLevel === 'function' && ofThis);
  if (!allowed) {
    reply(response, 401);
    return true;
  }
  const shown = { method: request.method, path: target.path };
  const { watchStart, dispatcher } = options;
  if (watchStart) {
    await proxyToApp(
      { definition, params: found.params, shown, dispatcher, watchStart },
      request,
      response,
      target,
    );
    return true;
  }
  const body = await readBody(request);
  if (!body) {
    await refuseBody(request, response);
    return true;
  }
  const result = await dispatcher.run({
    definition,
    shown,
    data: {
      http: {
        method: request.method ?? 'GET',
        url: fullUrl(target),
        headers: joinedHeaders(request),
        params: found.params,
        query: joinedQuery(target),
        ...(body.length > 0 ? { body: { bytes: body } } : {}),
      },
    },
  });
  sendResult(response, result);
  return true;
}

function find(
  options: HttpTriggerOptions,
  method: string,
  target: Target,
): { http: HttpFunction; params: Record<string, string> } | undefined {
  const prefix = options.routePrefix === '' ? [] : options.routePrefix.split('/');
  const { segments } = target;
  if (segments.includes('')) return undefined;
  if (!prefix.every((part, i) => part.toLowerCase() === segments[i]?.toLowerCase())) return undefined;
  const rest = segments.slice(prefix.length);
  for (const http of options.functions.http) {
    const params = http.methods.has(method) ? http.route.match(rest) : undefined;
    if (params) return { http, params };
  }
  return undefined;
}
