/** Log Analytics queries through the Azure Monitor client. */

import { type HttpClient, isRestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { LogsQueryClient } from '@azure/monitor-query';
import { z } from 'zod';
import { path } from '../domain/builders/path.js';
import type { LogsClient, QueryResult } from './clients.js';
import type { Clock } from './config.js';
import type { ServiceResponse } from './http-types.js';
import { parseServiceJson } from './json.js';
import { createRestClient } from './rest.js';
import type { Sleep } from './retry.js';

/** https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format */
const tableSchema = z.object({
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
});
/** A workspace without data returns an empty answer. */
const answerSchema = z
  .object({ tables: z.array(tableSchema), error: z.object({ code: z.string() }).optional() })
  .optional();

export interface LogsOptions {
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly sleep: Sleep;
}

/**
 * Uses the SDK only to send: its parser converts missing times to 1970 and an empty answer to a syntax
 * error. Values of type dynamic are parsed, times stay ISO 8601 texts.
 */
export function createLogsClient(options: LogsOptions, service: string): LogsClient {
  const client = new LogsQueryClient(options.credential, {
    httpClient: options.httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
  return {
    async query(workspaceId, query, timespan, callOptions) {
      const rest = createRestClient({
        service,
        clock: options.clock,
        timeoutMs: options.timeoutMs,
        sleep: options.sleep,
        send: ({ signal }) => send(client, workspaceId, query, timespan, signal),
      });
      const target = path`/v1/workspaces/${workspaceId}/query`;
      const { body } = await rest.postRead(target, { query, timespan }, answerSchema, callOptions);
      return resultOf(body);
    },
  };
}

async function send(
  client: LogsQueryClient,
  workspaceId: string,
  query: string,
  timespan: string,
  abortSignal: AbortSignal,
): Promise<ServiceResponse> {
  let answer: ServiceResponse | undefined;
  const keep = (response: Received): void => {
    answer = {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: response.bodyAsText ?? '',
    };
  };
  try {
    await client.queryWorkspace(
      workspaceId,
      query,
      { duration: timespan },
      { abortSignal, onResponse: keep },
    );
  } catch (error) {
    if (isRestError(error) && error.response !== undefined) keep(error.response);
    if (answer === undefined) throw error;
  }
  if (answer === undefined) throw new TypeError('the query client sent nothing');
  return answer;
}

interface Received {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null | undefined;
}

function resultOf(body: z.infer<typeof answerSchema>): QueryResult {
  const table = body?.tables.find(({ name }) => name === 'PrimaryResult') ?? body?.tables[0];
  const columns = table?.columns ?? [];
  const rows = (table?.rows ?? []).map((row) =>
    Object.fromEntries(
      columns.map(({ name, type }, i) => [name, type === 'dynamic' ? dynamic(row[i]) : row[i]]),
    ),
  );
  return { rows, partial: body?.error !== undefined };
}

function dynamic(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseServiceJson(value);
  } catch {
    return value;
  }
}
