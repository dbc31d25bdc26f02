/** Log Analytics queries through the Azure Monitor client. */

import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { LogsQueryClient } from '@azure/monitor-query';
import { z } from 'zod';
import { path } from '../domain/builders/path.js';
import type { LogsClient, QueryResult } from './clients.js';
import type { Clock } from './config.js';
import { parseServiceJson } from './json.js';
import { createRestClient } from './rest.js';
import type { Sleep } from './retry.js';
import { sdkSend } from './sdk-send.js';

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
        send: ({ signal }) =>
          sdkSend((sent) => client.queryWorkspace(workspaceId, query, { duration: timespan }, sent), signal),
      });
      const target = path`/v1/workspaces/${workspaceId}/query`;
      const { body } = await rest.postRead(target, { query, timespan }, answerSchema, callOptions);
      return resultOf(body);
    },
  };
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
