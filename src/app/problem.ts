/** Problem responses of the HTTP API: https://www.rfc-editor.org/rfc/rfc9457, extended with `code` and `next`. */
import type { HttpResponseInit } from '@azure/functions';
import { cleanErrorText } from '../domain/error-text.js';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly next?: string;
  readonly place?: string;
  /** Ids of what was stored of a rejected body. */
  readonly kept?: readonly string[];
  /** The results of a body with several items. */
  readonly results?: readonly object[];
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Refused',
  410: 'No longer open',
  411: 'Length required',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be processed',
  428: 'Precondition required',
  429: 'Too many calls',
  500: 'Internal error',
  501: 'Not available here',
  503: 'Not available now',
};

export function problem(
  { status, code, detail, next, place, kept, results }: Problem,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    jsonBody: {
      type: 'about:blank',
      title: TITLES[status] ?? 'Error',
      status,
      code,
      detail: cleanErrorText(detail),
      ...(next === undefined ? {} : { next }),
      ...(place === undefined || place === '' ? {} : { place }),
      ...(kept === undefined ? {} : { kept }),
      ...(results === undefined ? {} : { results }),
    },
  };
}

export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return { status, headers: { 'cache-control': 'no-store', ...headers }, jsonBody: body };
}
