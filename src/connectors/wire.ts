/** One HTTP exchange, whichever SDK carried it. */
import type { ApiPath } from '../domain/builders/path.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';
export interface WireRequest {
  readonly method: Method;
  readonly path: ApiPath;
  /** JSON text. */
  readonly body: string | undefined;
  readonly ifMatch: string | undefined;
  readonly signal: AbortSignal;
}
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}
export type Send = (request: WireRequest) => Promise<WireAnswer>;

/** What an error is about. `read` = repeating it cannot do harm. */
export interface Call {
  readonly service: string;
  readonly method: string;
  /** Without the query: filters hold values of incidents. */
  readonly path: string;
  readonly intent: 'read' | 'write';
}

const REQUEST_ID_HEADERS = ['x-ms-correlation-request-id', 'x-ms-request-id', 'request-id'];
const PLAIN_ID = /^[\w.-]{1,80}$/;

/** The service's id of the exchange, if it gave one that is fit to be shown. */
export function requestIdOf(answer: WireAnswer): string | undefined {
  return REQUEST_ID_HEADERS.map((name) => answer.header(name)).find(
    (value) => value !== undefined && PLAIN_ID.test(value),
  );
}
