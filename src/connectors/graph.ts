/** Sends through the Microsoft Graph client, whose middleware chain ends in the shared HTTP client. */
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
import type { Api } from './api.js';
import type { Method, Send, ServiceRequest, ServiceResponse } from './http-types.js';

export interface GraphOptions {
  readonly api: Api;
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
}

/** Passes the request through the Graph client, and returns the response and error that the client would replace. */
class CallState implements MiddlewareOptions {
  response: ServiceResponse | undefined;
  failure: unknown;
  constructor(readonly request: ServiceRequest) {}
}

/** The last middleware. The chain has no retry handler, which would repeat POSTs, and no redirect handler. */
class TransportHandler implements Middleware {
  constructor(private readonly httpClient: HttpClient) {}

  async execute(context: Context): Promise<void> {
    const callState: unknown = context.middlewareControl?.getMiddlewareOptions(CallState);
    if (!(callState instanceof CallState)) throw new TypeError('a Graph request without its call state');
    const { method, body, signal } = callState.request;
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
    callState.response = { status, header: (name) => headers.get(name), text: response.bodyAsText ?? '' };
    context.response = new Response(null, { status });
  }
}

/** Stores the first error: the Graph client converts every error to a GraphError. */
class ErrorCaptureHandler implements Middleware {
  #next: Middleware | undefined;

  setNext(next: Middleware): void {
    this.#next = next;
  }

  async execute(context: Context): Promise<void> {
    const callState: unknown = context.middlewareControl?.getMiddlewareOptions(CallState);
    try {
      await this.#next?.execute(context);
    } catch (error) {
      if (callState instanceof CallState) callState.failure = error;
      throw error;
    }
  }
}

/** https://learn.microsoft.com/graph/sdks/customize-client */
export function graphSend({ api, credential, httpClient }: GraphOptions): Send {
  const client = Client.initWithMiddleware({
    middleware: [
      new ErrorCaptureHandler(),
      new AuthenticationHandler({ getAccessToken: () => tokenOf(credential, api.scope) }),
      new TelemetryHandler(),
      new TransportHandler(httpClient),
    ],
  });
  return async (request) => {
    const callState = new CallState(request);
    const call = client.api(`https://${api.host}${request.path}`).middlewareOptions([callState]);
    call.header('Accept', 'application/json').responseType(ResponseType.RAW);
    if (request.ifMatch !== undefined) call.header('If-Match', request.ifMatch);
    if (request.consistency !== undefined) call.header('ConsistencyLevel', request.consistency);
    try {
      await VERBS[request.method](call, request.body);
    } catch (error) {
      throw callState.failure ?? error;
    }
    if (callState.response === undefined) throw new TypeError('the Graph client sent nothing');
    return callState.response;
  };
}

async function tokenOf(credential: TokenCredential, scope: string): Promise<string> {
  const token = await credential.getToken(scope);
  if (token === null) throw new TypeError('the credential gave no token');
  return token.token;
}

type GraphCall = ReturnType<Client['api']>;
const VERBS: Readonly<Record<Method, (call: GraphCall, body: string | undefined) => Promise<unknown>>> = {
  GET: (call) => call.get(),
  POST: (call, body) => call.post(body),
  PUT: (call, body) => call.put(body),
  PATCH: (call, body) => call.patch(body),
  DELETE: (call) => call.delete(),
};
