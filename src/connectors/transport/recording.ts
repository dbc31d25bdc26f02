/** Passes every exchange on and writes it to a HAR file, without secrets. */
import {
  type HttpClient,
  type HttpHeaders,
  type PipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../config.js';
import { canonicalBody, canonicalQuery, exchangeKey, SIGN_IN_HOST } from './exchange.js';
import { type HarEntry, prepareHar, writeHar } from './har.js';
import { type Redact, redactor } from './redaction.js';

const REQUEST_HEADERS = ['accept', 'content-type', 'if-match', 'prefer'];
const RESPONSE_HEADERS = [
  'content-type',
  'etag',
  'retry-after',
  'request-id',
  'x-ms-request-id',
  'x-ms-correlation-request-id',
];

export interface RecordingOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly secrets: readonly string[];
  /** Whether a simulated tenant sent the responses; recorded in the file. */
  readonly synthetic: boolean;
}

interface RecordedEntry {
  readonly key: string;
  readonly at: number;
  readonly order: number;
  readonly entry: HarEntry;
}

/**
 * A client that records every exchange; the first one replaces an existing file. Entries of the same moment are sorted by
 * their request, so the same run produces the same bytes, independent of the order of responses.
 * Each exchange rewrites the file: it is meant for one incident, not for a day.
 * @throws ResponderError `recording-unwritable`, at once or from a call.
 */
export function recordingHttpClient(inner: HttpClient, options: RecordingOptions): HttpClient {
  const redact = redactor(options.secrets);
  const recorded: RecordedEntry[] = [];
  prepareHar(options.file);
  let order = 0;
  const record = (
    request: PipelineRequest,
    at: number,
    turn: number,
    response: HarEntry['response'],
  ): void => {
    const entry = {
      startedDateTime: new Date(at).toISOString(),
      time: 0,
      request: describe(request, redact),
      response,
    };
    const { method, url, postData } = entry.request;
    recorded.push({ key: exchangeKey(method, url, postData?.text ?? ''), at, order: turn, entry });
    recorded.sort((a, b) => a.at - b.at || compare(a, b));
    writeHar(
      options.file,
      recorded.map((item) => item.entry),
      options.synthetic,
    );
  };
  return {
    async sendRequest(request) {
      if (new URL(request.url).host === SIGN_IN_HOST) return inner.sendRequest(request);
      const at = options.clock.now();
      order += 1;
      const turn = order;
      try {
        const response = await inner.sendRequest(request);
        const text = redact(canonicalBody(response.bodyAsText ?? ''));
        const mimeType = response.headers.get('content-type') ?? '';
        record(request, at, turn, {
          status: response.status,
          headers: pick(response.headers, RESPONSE_HEADERS, redact),
          content: { mimeType, size: Buffer.byteLength(text), text },
        });
        return response;
      } catch (error) {
        if (error instanceof RestError) {
          const _error = error.code ?? 'REQUEST_SEND_ERROR';
          record(request, at, turn, {
            status: 0,
            headers: [],
            content: { mimeType: '', size: 0, text: '' },
            _error,
          });
        }
        throw error;
      }
    },
  };
}

function compare(a: RecordedEntry, b: RecordedEntry): number {
  if (a.key === b.key) return a.order - b.order;
  const [x, y] = [`${a.entry.request.url} ${a.key}`, `${b.entry.request.url} ${b.key}`];
  return x < y ? -1 : 1;
}

function describe(request: PipelineRequest, redact: Redact): HarEntry['request'] {
  const url = new URL(redact(request.url));
  const body = typeof request.body === 'string' ? redact(canonicalBody(request.body)) : undefined;
  return {
    method: request.method,
    url: url.href,
    headers: pick(request.headers, REQUEST_HEADERS, redact),
    queryString: canonicalQuery(url).map(([name, value]) => ({ name, value })),
    ...(body === undefined
      ? {}
      : { postData: { mimeType: request.headers.get('content-type') ?? 'application/json', text: body } }),
  };
}

function pick(
  headers: HttpHeaders,
  names: readonly string[],
  redact: Redact,
): { name: string; value: string }[] {
  return names.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [{ name, value: redact(value) }];
  });
}
