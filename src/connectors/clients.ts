/** What the connectors offer to actions. Actions import these as types only; instances arrive in `ctx.clients`. */
import type { z } from 'zod';
import type { Kql } from '../domain/builders/kql.js';
import type { ApiPath } from '../domain/builders/path.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly ifMatch?: string;
}
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly etag?: string;
  /** The service's own id of the request, kept as evidence. */
  readonly requestId?: string;
}

/**
 * A JSON service. Every failure is a ResponderError: `unauthorized`, `forbidden`, `not-found`, `conflict`,
 * `precondition-failed`, `throttled` (with `retryAfterMs` where the service said so), `invalid-request`,
 * `service-unavailable`, `timed-out`, `bad-answer` (the body is not what the schema says), `not-recorded`.
 * A write whose outcome is unknown (time-out, reset, 5xx) has `retry: 'read-first'`.
 * Reads are repeated briefly by the client; writes never.
 */
export interface RestClient {
  get<T>(path: ApiPath, schema: z.ZodType<T>, options?: CallOptions): Promise<Answer<T>>;
  post<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<Answer<T>>;
  /** A POST that only reads (Sentinel lists alerts and entities of an incident so): repeated like a GET. */
  postRead<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<Answer<T>>;
  put<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<Answer<T>>;
  patch<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<Answer<T>>;
}

export interface QueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** True when the service said that the result is not complete. */
  readonly partial: boolean;
}
export interface LogsClient {
  /** `timespan` is an ISO 8601 duration (`P14D`), counted back from now. */
  query(workspaceId: string, query: Kql, timespan: string, options?: CallOptions): Promise<QueryResult>;
}

export interface Clients {
  /** Microsoft Graph; paths start with `/v1.0` or `/beta`. */
  readonly graph: RestClient;
  /** Defender for Endpoint; paths start with `/api`. */
  readonly defender: RestClient;
  /** Azure Resource Manager, for Sentinel; paths start with `/subscriptions` and carry their api-version. */
  readonly arm: RestClient;
  readonly logs: LogsClient;
}
