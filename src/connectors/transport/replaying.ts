/** Returns responses from a recording instead of the network: a replay sends nothing from the machine. */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { ResponderError } from '../../domain/errors.js';
import type { Apis } from '../api.js';
import { exchangeKey, isRead, SIGN_IN_HOST } from './exchange.js';
import { type HarEntry, readHar } from './har.js';
import { redactor } from './redaction.js';
import { signInResponse } from './replayed-sign-in.js';

/**
 * An HTTP client that uses only a HAR file: the n-th call of a kind gets the n-th recorded response. After the last one, a
 * read gets the last response again; a write fails with `not-recorded`.
 * @throws ResponderError `recording-unreadable` at once; `not-recorded` from a call.
 */
export function replayingHttpClient(file: string, secrets: readonly string[], apis: Apis): HttpClient {
  const redact = redactor(secrets);
  const answers = new Map<string, HarEntry[]>();
  for (const entry of readHar(file)) {
    const key = exchangeKey(entry.request.method, entry.request.url, entry.request.postData?.text ?? '');
    answers.set(key, [...(answers.get(key) ?? []), entry]);
  }
  const callCounts = new Map<string, number>();
  return {
    async sendRequest(request) {
      if (request.abortSignal?.aborted)
        throw new RestError('The call was aborted.', { code: 'ABORT_ERR', request });
      const url = redact(request.url);
      if (new URL(url).host === SIGN_IN_HOST) return respond(request, 200, [], signInResponse(new URL(url)));
      const key = exchangeKey(
        request.method,
        url,
        typeof request.body === 'string' ? redact(request.body) : '',
      );
      const recorded = answers.get(key) ?? [];
      const occurrence = callCounts.get(key) ?? 0;
      callCounts.set(key, occurrence + 1);
      const entry = recorded[occurrence] ?? (isRead(apis, request.method, url) ? recorded.at(-1) : undefined);
      if (entry === undefined) throw notRecorded(request.method, new URL(url), recorded.length);
      const { status, headers, content, _error } = entry.response;
      if (status === 0)
        throw new RestError('The recorded call got no answer.', { code: _error ?? 'ECONNRESET', request });
      return respond(request, status, headers, content.text);
    },
  };
}

function respond(
  request: PipelineRequest,
  status: number,
  headers: readonly { name: string; value: string }[],
  bodyAsText: string,
): PipelineResponse {
  const named = createHttpHeaders(Object.fromEntries(headers.map(({ name, value }) => [name, value])));
  return { request, status, headers: named, bodyAsText };
}

function notRecorded(method: string, url: URL, times: number): ResponderError {
  const what = `${method} ${url.host}${url.pathname}`;
  return new ResponderError({
    code: 'not-recorded',
    message:
      times === 0
        ? `The recording holds no answer for ${what} with this query and body.`
        : `The recording holds ${times} answer(s) for ${what} with this body, and all have been used.`,
    fault: 'caller',
    retry: 'no',
    place: what,
    next: 'Record the incident again if this call is meant to be made.',
  });
}
