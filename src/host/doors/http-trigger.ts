/** HTTP triggers: finds the function of a request, checks the caller's key, invokes, answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppWorker } from '../worker/types.js';
import { type BodyLimits, type HeldBody, isHandedOn, joinedHeaders, readBody, refuseBody } from './body.js';
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
  readonly limits: BodyLimits;
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
  const { definition } = found.http;
  const refused = refusal(options, found.http, request, target);
  if (refused !== undefined) {
    reply(response, refused);
    return true;
  }
  const shown = { method: request.method, path: target.path };
  const { watchStart, dispatcher, limits } = options;
  if (watchStart) {
    const call = { definition, params: found.params, shown, dispatcher, limits, watchStart };
    await proxyToApp(call, request, response, target);
    return true;
  }
  const body = isHandedOn(request) ? await readBody(request, limits) : nothing;
  if (!body) {
    await refuseBody(request, response);
    return true;
  }
  try {
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
          ...(body.bytes.length > 0 ? { body: { bytes: body.bytes } } : {}),
        },
      },
    });
    sendResult(request, response, result);
  } finally {
    body.release();
  }
  return true;
}

const nothing: HeldBody = { bytes: Buffer.alloc(0), release: () => {} };

/** The status for a caller who may not run the function, or for one that is switched off. Nothing is read before. */
function refusal(
  options: HttpTriggerOptions,
  { definition, authLevel }: HttpFunction,
  request: IncomingMessage,
  target: Target,
): number | undefined {
  const { keys, functions } = options;
  // Callers of anonymous functions are looked at only when they show a key.
  const caller =
    authLevel === 'anonymous' && !keys.isShown(request, target)
      ? ({ level: 'nobody' } as const)
      : keys.identify(request, target, definition.name);
  const allowed = authLevel === 'anonymous' || caller.level === 'admin' || caller.level === authLevel;
  if (!allowed) return 401;
  return functions.isDisabled(definition) && caller.level !== 'admin' ? 404 : undefined;
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
