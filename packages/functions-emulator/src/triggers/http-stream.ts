/**
 * HTTP triggers of an app with `enableHttpStream`: the invocation carries no request; the request itself is passed on
 * to the server that the app's library runs. https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BodyLimits, hasContentLength, joinedHeaders, readBody, rejectBody } from '../http/body.js';
import { canonicalHeaderName, reply } from '../http/reply.js';
import { fullUrl, type RequestUrl } from '../http/request-url.js';
import { bindingDataOf, mergeBindingData } from '../json/binding-data.js';
import { httpRequest } from '../node-http.js';
import { withTimeout } from '../real-time.js';
import type { AppWorker, FunctionDefinition, TypedData } from '../worker/worker-types.js';
import type { FunctionInvoker } from './function-invoker.js';

/** How long the real host's proxy waits for a sign of life from the app. */
const proxyTimeoutMs = 240_000;

export interface StreamCall {
  readonly definition: FunctionDefinition;
  readonly params: Readonly<Record<string, string>>;
  readonly observedInput: unknown;
  readonly invoker: FunctionInvoker;
  readonly limits: BodyLimits;
  readonly onInvocationStart: AppWorker['onInvocationStart'];
}

/**
 * A handler that fails or returns nothing sends no response: as released, library and host leave the caller waiting
 * until the proxy times out.
 */
export async function proxyToApp(
  call: StreamCall,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
): Promise<void> {
  const body = hasContentLength(request) ? await readBody(request, call.limits) : undefined;
  if (hasContentLength(request) && !body) {
    await rejectBody(request, response);
    return;
  }
  let proxied: ProxiedRequest | undefined;
  try {
    const result = await call.invoker.invoke({
      definition: call.definition,
      observedInput: call.observedInput,
      data: { http: {} },
      metadata: metadataOf(call, request, url, body?.bytes),
      onAttempt: (invocationId) =>
        call.onInvocationStart(invocationId, (httpUri) => {
          proxied = forwardRequest(httpUri, invocationId, request, response, url, body?.bytes);
        }),
    });
    if (result.kind !== 'fault')
      await withTimeout(proxyTimeoutMs, Promise.race([proxied?.done, callerDisconnected(response)]));
  } finally {
    body?.release();
  }
  if (response.writableEnded || response.destroyed) return;
  proxied?.abort();
  if (response.headersSent) response.socket?.resetAndDestroy();
  else reply(response, 500);
}

const callerDisconnected = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => void response.on('close', resolve));

/** As shipped, the function's parameters hold members of a JSON body and the query's as well. */
function metadataOf(
  { params }: StreamCall,
  request: IncomingMessage,
  url: RequestUrl,
  body: Buffer | undefined,
): Record<string, TypedData> {
  const given: Record<string, TypedData> = {};
  for (const [name, values] of url.query)
    if (name.toLowerCase() !== 'code') given[name] = { string: values.at(-1) ?? '' };
  const members = mergeBindingData(bindingDataOf(body?.toString('utf8') ?? ''), given);
  const route = Object.entries(params).map(([name, string]) => [name, { string }] as const);
  return {
    Headers: { json: JSON.stringify(joinedHeaders(request)) },
    ...mergeBindingData(members, Object.fromEntries(route)),
  };
}

interface ProxiedRequest {
  /** Resolves when the app's answer has been passed on. */
  readonly done: Promise<void>;
  abort(): void;
}

function forwardRequest(
  httpUri: string,
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
  body: Buffer | undefined,
): ProxiedRequest {
  const { pathname, search } = new URL(fullUrl(url));
  const onward = httpRequest(new URL(httpUri), {
    method: request.method ?? 'GET',
    path: pathname + search,
    headers: {
      ...request.headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
    },
    agent: false,
  });
  const done = new Promise<void>((resolve) => {
    onward.on('error', () => resolve());
    onward.on('response', (answer) => {
      forwardResponse(answer, response);
      answer.on('close', () => resolve());
    });
  });
  if (body) onward.end(body);
  else request.pipe(onward);
  // The caller left in the middle of the body: the app must not wait for the rest.
  request.on('close', () => {
    if (!request.complete) onward.destroy();
  });
  return { done, abort: () => onward.destroy() };
}

function forwardResponse(answer: IncomingMessage, response: ServerResponse): void {
  const { rawHeaders, statusCode = 200, statusMessage = '' } = answer;
  if (!rawHeaders.every((text) => /^[\t\x20-\x7e]*$/.test(text))) {
    answer.resume();
    reply(response, 500);
    return;
  }
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (/^server$/i.test(name)) response.removeHeader(name);
    if (!/^(connection|keep-alive|date)$/i.test(name)) {
      response.appendHeader(canonicalHeaderName(name), rawHeaders[i + 1] ?? '');
    }
  }
  answer.on('error', () => response.destroy());
  response.on('close', () => answer.resume()); // the caller left
  answer.pipe(response.writeHead(statusCode, statusMessage));
}
