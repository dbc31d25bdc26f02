/**
 * HTTP triggers of an app with `enableHttpStream`: the invocation carries no request; the request itself is passed on
 * to the server that the app's library runs. https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { atMost } from '../clock.js';
import { httpRequest } from '../http.js';
import type { AppWorker, FunctionDefinition, TypedData } from '../worker/types.js';
import { type BodyLimits, isHandedOn, joinedHeaders, readBody, refuseBody } from './body.js';
import type { Dispatcher } from './dispatcher.js';
import { membersOf, withMembers } from './json-members.js';
import { reply, spelling } from './reply.js';
import { fullUrl, type Target } from './target.js';

/** How long the real host's proxy waits for a sign of life from the app. */
const silenceMs = 240_000;

export interface StreamCall {
  readonly definition: FunctionDefinition;
  readonly params: Readonly<Record<string, string>>;
  readonly shown: unknown;
  readonly dispatcher: Dispatcher;
  readonly limits: BodyLimits;
  readonly watchStart: AppWorker['watchStart'];
}

/**
 * A handler that fails, or returns nothing, has not answered: as shipped, library and host then leave the caller waiting
 * until the proxy gives up.
 */
export async function proxyToApp(
  call: StreamCall,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<void> {
  const body = isHandedOn(request) ? await readBody(request, call.limits) : undefined;
  if (isHandedOn(request) && !body) {
    await refuseBody(request, response);
    return;
  }
  let passing: Passing | undefined;
  try {
    const result = await call.dispatcher.run({
      definition: call.definition,
      shown: call.shown,
      data: { http: {} },
      metadata: metadataOf(call, request, target, body?.bytes),
      onTry: (invocationId) =>
        call.watchStart(invocationId, (httpUri) => {
          passing = pass(httpUri, invocationId, request, response, target, body?.bytes);
        }),
    });
    if (result.kind !== 'fault') await atMost(silenceMs, Promise.race([passing?.done, left(response)]));
  } finally {
    body?.release();
  }
  if (response.writableEnded || response.destroyed) return;
  passing?.giveUp();
  if (response.headersSent) response.socket?.resetAndDestroy();
  else reply(response, 500);
}

const left = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => void response.on('close', resolve));

/** As shipped, the function's parameters hold members of a JSON body and the query's as well. */
function metadataOf(
  { params }: StreamCall,
  request: IncomingMessage,
  target: Target,
  body: Buffer | undefined,
): Record<string, TypedData> {
  const given: Record<string, TypedData> = {};
  for (const [name, values] of target.query)
    if (name.toLowerCase() !== 'code') given[name] = { string: values.at(-1) ?? '' };
  const members = withMembers(membersOf(body?.toString('utf8') ?? ''), given);
  const route = Object.entries(params).map(([name, string]) => [name, { string }] as const);
  return {
    Headers: { json: JSON.stringify(joinedHeaders(request)) },
    ...withMembers(members, Object.fromEntries(route)),
  };
}

interface Passing {
  /** Resolves when the app's answer has been passed on. */
  readonly done: Promise<void>;
  giveUp(): void;
}

function pass(
  httpUri: string,
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  body: Buffer | undefined,
): Passing {
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
  if (body) onward.end(body);
  else request.pipe(onward);
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
