/** Sends through the Microsoft Graph client, whose chain ends in the same HTTP client that all others use. */
import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import {
  AuthenticationHandler,
  Client,
  type Context,
  type Middleware,
  type MiddlewareOptions,
  ResponseType,
  TelemetryHandler,
} from '@microsoft/microsoft-graph-client';
import type { Method, Send, WireAnswer, WireRequest } from './wire.js';

const ORIGIN = 'https://graph.microsoft.com';
const SCOPE = 'https://graph.microsoft.com/.default';

/** Carries the request past the Graph client, and back what the client would replace by something of its own. */
class Passage implements MiddlewareOptions {
  answer: WireAnswer | undefined;
  failure: unknown;
  constructor(readonly request: WireRequest) {}
}

/** The last middleware. The chain has no retry handler, which repeats POSTs, and no redirect handler. */
class TransportHandler implements Middleware {
  constructor(private readonly httpClient: HttpClient) {}

  async execute(context: Context): Promise<void> {
    const passage: unknown = context.middlewareControl?.getMiddlewareOptions(Passage);
    if (!(passage instanceof Passage)) throw new TypeError('a Graph request without its passage');
    const { method, body, signal } = passage.request;
    const response = await this.httpClient.sendRequest(
      createPipelineRequest({
        url: typeof context.request === 'string' ? context.request : context.request.url,
        method,
        headers: createHttpHeaders(Object.fromEntries(new Headers(context.options?.headers ?? {}))),
        abortSignal: signal,
        ...(body === undefined ? {} : { body }),
      }),
    );
    const { status, headers } = response;
    passage.answer = { status, header: (name) => headers.get(name), text: response.bodyAsText ?? '' };
    context.response = new Response(null, { status });
  }
}

/** Remembers the first error: the Graph client turns every one into a GraphError. */
class FailureKeeper implements Middleware {
  #next: Middleware | undefined;

  setNext(next: Middleware): void {
    this.#next = next;
  }

  async execute(context: Context): Promise<void> {
    const passage: unknown = context.middlewareControl?.getMiddlewareOptions(Passage);
    try {
      await this.#next?.execute(context);
    } catch (error) {
      if (passage instanceof Passage) passage.failure = error;
      throw error;
    }
  }
}

/** https://learn.microsoft.com/graph/sdks/customize-client */
export function graphSend(credential: TokenCredential, httpClient: HttpClient): Send {
  const client = Client.initWithMiddleware({
    middleware: [
      new FailureKeeper(),
      new AuthenticationHandler({ getAccessToken: () => tokenOf(credential) }),
      new TelemetryHandler(),
      new TransportHandler(httpClient),
    ],
  });
  return async (request) => {
    const passage = new Passage(request);
    const call = client.api(`${ORIGIN}${request.path}`).middlewareOptions([passage]);
    call.header('Accept', 'application/json').responseType(ResponseType.RAW);
    if (request.ifMatch !== undefined) call.header('If-Match', request.ifMatch);
    try {
      await VERBS[request.method](call, request.body);
    } catch (error) {
      throw passage.failure ?? error;
    }
    if (passage.answer === undefined) throw new TypeError('the Graph client sent nothing');
    return passage.answer;
  };
}

async function tokenOf(credential: TokenCredential): Promise<string> {
  const token = await credential.getToken(SCOPE);
  if (token === null) throw new TypeError('the credential gave no token');
  return token.token;
}

type GraphCall = ReturnType<Client['api']>;
const VERBS: Readonly<Record<Method, (call: GraphCall, body: string | undefined) => Promise<unknown>>> = {
  GET: (call) => call.get(),
  POST: (call, body) => call.post(body),
  PUT: (call, body) => call.put(body),
  PATCH: (call, body) => call.patch(body),
};
