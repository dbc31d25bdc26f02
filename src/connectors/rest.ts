/** A typed JSON client over any way to send: deadline, repetition of reads, checked answers, typed failures. */

import type { z } from 'zod';
import type { ApiPath } from '../domain/builders/path.js';
import type { Answer, CallOptions, RestClient } from './clients.js';
import type { Clock } from './config.js';
import { startDeadline } from './deadline.js';
import { badAnswer, failedAnswer, failedCall } from './failure.js';
import { parseServiceJson } from './json.js';
import { type Pause, repeatRead } from './repeat.js';
import { type Call, type Method, requestIdOf, type Send, type WireAnswer } from './wire.js';

export interface RestOptions {
  readonly service: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly pause: Pause;
}

/** @see RestClient for the failures. */
export function createRestClient(options: RestOptions): RestClient {
  const call = async <T>(
    method: Method,
    intent: Call['intent'],
    path: ApiPath,
    body: unknown,
    schema: z.ZodType<T>,
    { signal, ifMatch }: CallOptions = {},
  ): Promise<Answer<T>> => {
    // Anything else would become a part of the host's name.
    if (!path.startsWith('/')) throw new RangeError('a path starts with a slash');
    const about: Call = { service: options.service, method, path: path.split('?')[0] ?? '', intent };
    const deadline = startDeadline(signal, options.timeoutMs);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const once = async (): Promise<Answer<T>> => {
      let answer: WireAnswer;
      try {
        answer = await deadline.limit(
          options.send({ method, path, body: text, ifMatch, signal: deadline.signal }),
        );
      } catch (error) {
        throw failedCall(about, error, deadline.signal);
      }
      if (answer.status < 200 || answer.status > 299) throw failedAnswer(about, answer, options.clock);
      return checked(about, answer, schema);
    };
    try {
      return await (intent === 'read' ? repeatRead(once, deadline.signal, options.pause) : once());
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
  };
}

function checked<T>(call: Call, answer: WireAnswer, schema: z.ZodType<T>): Answer<T> {
  const parsed = schema.safeParse(parse(call, answer));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = jsonPath(issue?.path ?? []);
    throw badAnswer(call, answer.status, { place, problem: issue?.message ?? 'not as declared' });
  }
  const etag = answer.header('etag');
  const requestId = requestIdOf(answer);
  return {
    status: answer.status,
    body: parsed.data,
    ...(etag === undefined ? {} : { etag }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** An empty body is `undefined`, as after 204. */
function parse(call: Call, answer: WireAnswer): unknown {
  if (answer.text.trim() === '') return undefined;
  try {
    return parseServiceJson(answer.text);
  } catch {
    throw badAnswer(call, answer.status, { place: '$', problem: 'the body is not JSON', passing: true });
  }
}

/** `$.value[0].id` for the path of a zod issue. */
function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (out, part) => (typeof part === 'number' ? `${out}[${part}]` : `${out}.${String(part)}`),
    '$',
  );
}
