/**
 * HTTP triggers of an app with `enableHttpStream`: the invocation carries no request; the request itself is passed on
 * to the server that the app's library runs. https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { atMost } from '../clock.js';
import { httpRequest } from '../http.js';
import type { AppWorker, FunctionDefinition, TypedData } from '../worker/types.js';
import { type BodyLimits, joinedHeaders, refuseBody, saysTooLong } from './body.js';
import type { Dispatcher } from './dispatcher.js';
import { reply, spelling } from './reply.js';
import { fullUrl, type Target } from './target.js';

/** Real time for a response to cross the loopback connection. */
const graceMs = 1_000;

export interface StreamCall {
  readonly definition: FunctionDefinition;
  readonly params: Readonly<Record<string, string>>;
  readonly shown: unknown;
  readonly dispatcher: Dispatcher;
  readonly limits: BodyLimits;
  readonly watchStart: AppWorker['watchStart'];
}

/** The real host makes the caller of a failed function wait for 240 s; here the answer is an immediate 500. */
export async function proxyToApp(
  call: StreamCall,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<void> {
  if (saysTooLong(request, call.limits)) {
    await refuseBody(request, response);
    return;
  }
  const headers = joinedHeaders(request);
  const metadata: Record<string, TypedData> = { Headers: { json: JSON.stringify(headers) } };
  // As shipped, the function's parameters hold the query's as well.
  for (const [name, values] of target.query) metadata[name] = { string: values.at(-1) ?? '' };
  for (const [name, value] of Object.entries(call.params)) metadata[name] = { string: value };

  let answered: Promise<void> = Promise.resolve();
  let giveUp = (): void => {};
  const result = await call.dispatcher.run({
    definition: call.definition,
    shown: call.shown,
    data: { http: {} },
    metadata,
    onTry: (invocationId) =>
      call.watchStart(invocationId, (httpUri) => {
        const passing = pass(httpUri, invocationId, request, response, target);
        answered = passing.done;
        giveUp = passing.giveUp;
      }),
  });
  if (result.kind === 'ok') {
    // A response that the app has sent may still be on its way; a handler that returned nothing has sent none.
    await atMost(graceMs, answered);
    if (response.headersSent) {
      await answered;
      return;
    }
  }
  giveUp();
  if (response.headersSent) response.destroy();
  else reply(response, 500);
}

function pass(
  httpUri: string,
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): { done: Promise<void>; giveUp: () => void } {
  const { pathname, search } = new URL(fullUrl(target));
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
      sendOn(answer, response);
      answer.on('close', () => resolve());
    });
  });
  request.pipe(onward);
  // The caller left in the middle of the body: the app must not wait for the rest.
  request.on('close', () => {
    if (!request.complete) onward.destroy();
  });
  return { done, giveUp: () => onward.destroy() };
}

function sendOn(answer: IncomingMessage, response: ServerResponse): void {
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
      response.appendHeader(spelling(name), rawHeaders[i + 1] ?? '');
    }
  }
  answer.on('error', () => response.destroy());
  response.on('close', () => answer.resume()); // the caller left
  answer.pipe(response.writeHead(statusCode, statusMessage));
}
