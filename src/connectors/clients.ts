/** The clients that actions use. Actions import these as types only; instances are in `ctx.clients`. */
import type { z } from 'zod';
import type { Kql } from '../domain/builders/kql.js';
import type { ApiPath } from '../domain/builders/path.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly ifMatch?: string;
  /** For filters of the directory that need the separate index. https://learn.microsoft.com/graph/aad-advanced-queries */
  readonly consistency?: 'eventual';
}
export interface ApiResponse<T> {
  readonly status: number;
  readonly body: T;
  readonly etag?: string;
  /** The service's id of the request, for the evidence. */
  readonly requestId?: string;
}

/**
 * A JSON service. Every failure is a ResponderError: `unauthorized`, `forbidden`, `not-licensed`, `not-found`, `conflict`,
 * `precondition-failed`, `throttled` (with `retryAfterMs` if the service gave one), `invalid-request`,
 * `service-unavailable`, `timed-out`, `bad-answer` (the body does not match the schema), `not-recorded`.
 * A write whose outcome is unknown (time-out, reset, 5xx) has `retry: 'check-before-retry'`.
 * The client repeats reads briefly, and never repeats writes.
 */
export interface RestClient {
  get<T>(path: ApiPath, schema: z.ZodType<T>, options?: CallOptions): Promise<ApiResponse<T>>;
  post<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<ApiResponse<T>>;
  /** A POST that only reads (e.g. Sentinel's lists of alerts and entities): repeated like a GET. */
  postRead<T>(
    path: ApiPath,
    body: unknown,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): Promise<ApiResponse<T>>;
  put<T>(path: ApiPath, body: unknown, schema: z.ZodType<T>, options?: CallOptions): Promise<ApiResponse<T>>;
  patch<T>(
    path: ApiPath,
    body: unknown,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): Promise<ApiResponse<T>>;
  /** What the service answers, usually nothing, is not looked at. */
  delete(path: ApiPath, options?: CallOptions): Promise<ApiResponse<unknown>>;
}

export interface QueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** True if the service reported an incomplete result. */
  readonly partial: boolean;
}
export interface LogsClient {
  /** `timespan` is an ISO 8601 duration (`P14D`), counted back from now. */
  query(workspaceId: string, query: Kql, timespan: string, options?: CallOptions): Promise<QueryResult>;
}
