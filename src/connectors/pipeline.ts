/** Sends through an Azure core pipeline: token and request ids, without retries or redirects. */
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  decompressResponsePolicy,
  type HttpClient,
  setClientRequestIdPolicy,
  userAgentPolicy,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Send } from './http-types.js';

export interface PipelineOptions {
  /** `https://` address; paths are added to it. */
  readonly origin: string;
  readonly scope: string;
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
}

/** The SDK's own retry policy is left out: it repeats POSTs and waits as long as a service requests. */
export function pipelineSend(options: PipelineOptions): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(setClientRequestIdPolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: 'sentinel-responder' }));
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential: options.credential, scopes: [options.scope] }),
  );
  return async ({ method, path, body, ifMatch, signal }) => {
    const request = createPipelineRequest({
      url: `${options.origin}${path}`,
      method,
      headers: createHttpHeaders({
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      }),
      abortSignal: signal,
      ...(body === undefined ? {} : { body }),
    });
    const response = await pipeline.sendRequest(options.httpClient, request);
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: response.bodyAsText ?? '',
    };
  };
}
