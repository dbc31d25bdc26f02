/** A typed JSON client over any transport: deadline, retries of reads, validated responses, typed errors. */

import { z } from 'zod';
import type { ApiPath } from '../domain/builders/path.js';
import type { ApiResponse, CallOptions, RestClient } from './clients.js';
import type { Clock } from './config.js';
import { startDeadline } from './deadline.js';
import { errorFromBody, errorFromException, errorFromResponse } from './failure.js';
import { type CallInfo, type Method, requestIdOf, type Send, type ServiceResponse } from './http-types.js';
import { parseServiceJson } from './json.js';
import { retryRead, type Sleep } from './retry.js';

export interface RestOptions {
  readonly service: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly sleep: Sleep;
}

/** @see RestClient for the errors. */
export function createRestClient(options: RestOptions): RestClient {
  const call = async <T>(
    method: Method,
    intent: CallInfo['intent'],
    path: ApiPath,
    body: unknown,
    schema: z.ZodType<T>,
    { signal, ifMatch, consistency }: CallOptions = {},
  ): Promise<ApiResponse<T>> => {
    // Any other path would become part of the host name.
    if (!path.startsWith('/')) throw new RangeError('a path starts with a slash');
    const callInfo: CallInfo = { service: options.service, method, path: path.split('?')[0] ?? '', intent };
    const deadline = startDeadline(signal, options.timeoutMs);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const once = async (): Promise<ApiResponse<T>> => {
      let response: ServiceResponse;
      try {
        response = await deadline.limit(
          options.send({ method, path, body: text, ifMatch, consistency, signal: deadline.signal }),
        );
      } catch (error) {
        throw errorFromException(callInfo, error, deadline.signal);
      }
      if (response.status < 200 || response.status > 299)
        throw errorFromResponse(callInfo, response, options.clock);
      return parseResponse(callInfo, response, schema);
    };
    try {
      return await (intent === 'read' ? retryRead(once, deadline.signal, options.sleep) : once());
    } finally {
      deadline.end();
    }
  };
  return {
    get: (path, schema, callOptions) => call('GET', 'read', path, undefined, schema, callOptions),
    post: (path, body, schema, callOptions) => call('POST', 'write', path, body, schema, callOptions),
    postRead: (path, body, schema, callOptions) => call('POST', 'read', path, body, schema, callOptions),
    put: (path, body, schema, callOptions) => call('PUT', 'write', path, body, schema, callOptions),
    patch: (path, body, schema, callOptions) => call('PATCH', 'write', path, body, schema, callOptions),
    delete: (path, callOptions) => call('DELETE', 'write', path, undefined, z.unknown(), callOptions),
  };
}

function parseResponse<T>(call: CallInfo, response: ServiceResponse, schema: z.ZodType<T>): ApiResponse<T> {
  const parsed = schema.safeParse(parse(call, response));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = jsonPath(issue?.path ?? []);
    throw errorFromBody(call, response.status, { place, problem: issue?.message ?? 'not as declared' });
  }
  const etag = response.header('etag');
  const requestId = requestIdOf(response);
  return {
    status: response.status,
    body: parsed.data,
    ...(etag === undefined ? {} : { etag }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** An empty body is `undefined`, as after 204. */
function parse(call: CallInfo, response: ServiceResponse): unknown {
  if (response.text.trim() === '') return undefined;
  try {
    return parseServiceJson(response.text);
  } catch {
    throw errorFromBody(call, response.status, {
      place: '$',
      problem: 'the body is not JSON',
      transient: true,
    });
  }
}

/** `$.value[0].id` for the path of a zod issue. */
function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (out, part) => (typeof part === 'number' ? `${out}[${part}]` : `${out}.${String(part)}`),
    '$',
  );
}
