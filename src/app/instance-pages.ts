/**
 * Queries instances by filter, one page at a time. The JavaScript client supports neither prefix nor continuation, so this
 * module calls the management API: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#get-all-instances-status
 */
import type { InvocationContext } from '@azure/functions';
import type { DurableOrchestrationStatus } from 'durable-functions';
import { z } from 'zod';
import type { VisibleCases } from './visible-cases.js';

export interface InstanceQuery {
  /** Start of the instance ids, e.g. `incident-`. */
  readonly prefix: string;
  readonly statuses: readonly string[];
  /** Bounds of the start time, in milliseconds since 1970. */
  readonly createdFrom?: number;
  readonly createdTo?: number;
  /** The continuation token of the previous page. */
  readonly continuation?: string | undefined;
  readonly top?: number;
}
export interface StatusPage {
  readonly statuses: readonly DurableOrchestrationStatus[];
  /** Undefined on the last page. */
  readonly continuation: string | undefined;
}

/** Keeps a page below 100 KB: a custom status has at most 3 KB here, although 16 KB are allowed. */
export const PAGE_SIZE = 30;
const CONTINUATION = 'x-ms-continuation-token';

const bindingSchema = z.object({
  rpcBaseUrl: z.string().optional(),
  managementUrls: z.object({ id: z.string(), statusQueryGetUri: z.string() }),
});
const rowsSchema = z.array(z.looseObject({ instanceId: z.string(), runtimeStatus: z.string() }));

/** Returns neither entities nor inputs. @throws Error if the management API fails or its answer is not valid. */
export async function queryInstances(context: InvocationContext, query: InstanceQuery): Promise<StatusPage> {
  const url = addressOf(context);
  const { prefix, statuses, createdFrom, createdTo, continuation, top = PAGE_SIZE } = query;
  const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const filter = {
    instanceIdPrefix: prefix,
    runtimeStatus: statuses.join(','),
    createdTimeFrom: iso(createdFrom),
    createdTimeTo: iso(createdTo),
    showInput: 'false',
    top: String(top),
  };
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const headers = continuation === undefined ? {} : { [CONTINUATION]: continuation };
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`the durable extension answered ${response.status} to a status query`);
  const rows = rowsSchema.parse(await response.json());
  return {
    statuses: rows as unknown as DurableOrchestrationStatus[],
    continuation: response.headers.get(CONTINUATION) || undefined,
  };
}

export interface FoundPage<T> {
  readonly found: readonly T[];
  /** Undefined on the last page. */
  readonly continuation: string | undefined;
}
type Part = Omit<InstanceQuery, 'prefix'>;
/** The maximum number of pages of the host for one page of a reader. */
const MOST_PARTS = 40;

/**
 * A page without what its reader must not see, filled up from the host's next pages: short and empty pages would show how
 * much there is of others.
 */
export async function filledPage<T>(
  query: Part,
  { all }: VisibleCases,
  read: (part: Part) => Promise<FoundPage<T>>,
): Promise<FoundPage<T>> {
  if (all) return read(query);
  const { top = PAGE_SIZE } = query;
  const found: T[] = [];
  let { continuation } = query;
  for (let parts = 0; parts < MOST_PARTS && found.length < top; parts++) {
    const part = await read({ ...query, continuation, top: top - found.length });
    found.push(...part.found);
    continuation = part.continuation;
    if (continuation === undefined) break;
  }
  return { found, continuation };
}

function addressOf({ options, extraInputs }: InvocationContext): URL {
  const input = options.extraInputs.find(({ type }) => type === 'durableClient');
  const { rpcBaseUrl, managementUrls } = bindingSchema.parse(input && extraInputs.get(input));
  if (rpcBaseUrl) return new URL('instances/', rpcBaseUrl);
  return new URL(managementUrls.statusQueryGetUri.replace(managementUrls.id, ''));
}
