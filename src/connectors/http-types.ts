/** One HTTP exchange, independent of the SDK that made it. */
import type { ApiPath } from '../domain/builders/path.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export interface ServiceRequest {
  readonly method: Method;
  readonly path: ApiPath;
  /** JSON text. */
  readonly body: string | undefined;
  readonly ifMatch: string | undefined;
  /** Graph's header `ConsistencyLevel`. */
  readonly consistency: 'eventual' | undefined;
  readonly signal: AbortSignal;
}
export interface ServiceResponse {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}
export type Send = (request: ServiceRequest) => Promise<ServiceResponse>;

/** The call that an error is about. `read`: repeating it is harmless. */
export interface CallInfo {
  readonly service: string;
  readonly method: string;
  /** Without the query: filters hold values of incidents. */
  readonly path: string;
  readonly intent: 'read' | 'write';
}

const REQUEST_ID_HEADERS = ['x-ms-correlation-request-id', 'x-ms-request-id', 'request-id'];
const PLAIN_ID = /^[\w.-]{1,80}$/;

/** The service's id of the exchange, if there is one that is safe to show. */
export function requestIdOf(response: ServiceResponse): string | undefined {
  return REQUEST_ID_HEADERS.map((name) => response.header(name)).find(
    (value) => value !== undefined && PLAIN_ID.test(value),
  );
}
