/** Lets reads pass, and returns writes instead of sending them. */
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { ResponderError } from '../../domain/errors.js';
import type { Apis } from '../api.js';
import { isRead, SIGN_IN_HOST } from './exchange.js';
import { redactor } from './redaction.js';

/** A request that was not sent. */
export interface WouldSend {
  readonly method: string;
  /** Whole, at the real host. */
  readonly url: string;
  /** Parsed where it is JSON. Absent: there is none. */
  readonly body?: unknown;
  readonly ifMatch?: string;
}

/**
 * An HTTP client for a dry run. Whatever is not known to be a read is a write: a new method, and a POST that no service
 * declares as reading. A write never reaches `inner`: it is added to `requests`, and the call fails with `dry-run`, which
 * no action takes for a lost response.
 */
export function dryRunHttpClient(
  inner: HttpClient,
  apis: Apis,
  requests: WouldSend[],
  secrets: readonly string[],
): HttpClient {
  const redact = redactor(secrets);
  return {
    async sendRequest(request) {
      const { host, pathname } = new URL(request.url);
      if (host === SIGN_IN_HOST || isRead(apis, request.method, request.url))
        return inner.sendRequest(request);
      requests.push(describe(request, redact));
      throw new ResponderError({
        code: 'dry-run',
        message: `Dry run: ${request.method} ${host}${pathname} was not sent.`,
        fault: 'caller',
        retry: 'no',
      });
    },
  };
}

function describe(request: PipelineRequest, redact: (text: string) => string): WouldSend {
  const { method, url, body } = request;
  const ifMatch = request.headers.get('if-match');
  return {
    method,
    url: redact(url),
    ...(typeof body === 'string' ? { body: parsed(redact(body)) } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
