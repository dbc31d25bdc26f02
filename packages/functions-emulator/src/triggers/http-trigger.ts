/** HTTP triggers: finds the function of a request, checks the caller's key, invokes, answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type BodyLimits,
  type BufferedBody,
  hasContentLength,
  joinedHeaders,
  readBody,
  rejectBody,
} from '../http/body.js';
import type { KeyRing } from '../http/key-ring.js';
import { reply } from '../http/reply.js';
import { fullUrl, joinedQuery, type RequestUrl } from '../http/request-url.js';
import type { AppWorker } from '../worker/worker-types.js';
import type { FunctionIndex, HttpFunction } from './function-index.js';
import type { FunctionInvoker } from './function-invoker.js';
import { sendResult } from './http-response.js';
import { proxyToApp } from './http-stream.js';

export interface HttpTriggerOptions {
  readonly functions: FunctionIndex;
  readonly routePrefix: string;
  readonly keys: KeyRing;
  readonly invoker: FunctionInvoker;
  readonly limits: BodyLimits;
  /** Set if the app uses HTTP streaming: requests then go to the app's own server. */
  readonly onInvocationStart: AppWorker['onInvocationStart'] | undefined;
}

/** Answers when a function has the route and the method; else returns false. */
export async function serveHttp(
  options: HttpTriggerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
): Promise<boolean> {
  const found = find(options, request.method ?? 'GET', url);
  if (!found) return false;
  const { definition } = found.http;
  const refused = rejectionStatus(options, found.http, request, url);
  if (refused !== undefined) {
    reply(response, refused);
    return true;
  }
  const observedInput = { method: request.method, path: url.path };
  const { onInvocationStart, invoker, limits } = options;
  if (onInvocationStart) {
    const call = {
      definition,
      params: found.params,
      observedInput: observedInput,
      invoker,
      limits,
      onInvocationStart,
    };
    await proxyToApp(call, request, response, url);
    return true;
  }
  const body = hasContentLength(request) ? await readBody(request, limits) : nothing;
  if (!body) {
    await rejectBody(request, response);
    return true;
  }
  try {
    const result = await invoker.invoke({
      definition,
      observedInput,
      data: {
        http: {
          method: request.method ?? 'GET',
          url: fullUrl(url),
          headers: joinedHeaders(request),
          params: found.params,
          query: joinedQuery(url),
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

const nothing: BufferedBody = { bytes: Buffer.alloc(0), release: () => {} };

/** The status for a caller who may not run the function, or for one that is switched off. Nothing is read before. */
function rejectionStatus(
  options: HttpTriggerOptions,
  { definition, authLevel }: HttpFunction,
  request: IncomingMessage,
  url: RequestUrl,
): number | undefined {
  const { keys, functions } = options;
  // Callers of anonymous functions are looked at only when they show a key.
  const caller =
    authLevel === 'anonymous' && !keys.hasKey(request, url)
      ? ({ level: 'none' } as const)
      : keys.identify(request, url, definition.name);
  const allowed = authLevel === 'anonymous' || caller.level === 'admin' || caller.level === authLevel;
  if (!allowed) return 401;
  return functions.isDisabled(definition) && caller.level !== 'admin' ? 404 : undefined;
}

function find(
  options: HttpTriggerOptions,
  method: string,
  url: RequestUrl,
): { http: HttpFunction; params: Record<string, string> } | undefined {
  const prefix = options.routePrefix === '' ? [] : options.routePrefix.split('/');
  const { segments } = url;
  if (segments.includes('')) return undefined;
  if (!prefix.every((part, i) => part.toLowerCase() === segments[i]?.toLowerCase())) return undefined;
  const rest = segments.slice(prefix.length);
  for (const http of options.functions.http) {
    const params = http.methods.has(method) ? http.route.match(rest) : undefined;
    if (params) return { http, params };
  }
  return undefined;
}
