/** The management API: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HostError } from '../../errors.js';
import type { Clock } from '../../types.js';
import type { InstanceRow } from '../durable-store.js';
import type { EntityState } from '../entity-batch.js';
import { isTerminal, parseJsonOrText } from '../runtime-status.js';
import { parseEntityId } from '../turn/entity-messages.js';
import type { InstanceOperations } from './instance-operations.js';
import { ManagementError } from './management-error.js';
import { managementUrls, type TaskHub } from './management-urls.js';
import {
  bodyOf,
  flag,
  instanceQuery,
  isJson,
  parseBody,
  seconds,
  startInput,
  time,
} from './request-parsing.js';
import { historyBody, statusBody } from './status-response.js';

interface ApiCall {
  readonly method: string;
  /** Below the base path, decoded: `['instances', 'abc']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly origin: string;
  readonly hold: Hold;
}

/** Keeps a virtual clock where it is while the request is answered. */
interface Hold {
  release: () => void;
}

interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** undefined = no body at all */
  readonly body?: unknown;
}

export interface ManagementOptions {
  readonly operations: InstanceOperations;
  readonly hub: TaskHub;
  readonly clock: Clock;
}

const NOT_FOUND: ApiResponse = { status: 404 };
const ACCEPTED: ApiResponse = { status: 202 };
const DEFAULT_PAGE = 100;
const REQUEST = 'a management request';

/** @returns a handler of requests below `basePath`; it answers all of them. */
export function managementApi(
  options: ManagementOptions,
  basePath: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const api = new ManagementApi(options);
  return async (request, response) => {
    const hold: Hold = { release: options.clock.hold(REQUEST) };
    try {
      const origin = `http://${request.headers.host ?? '127.0.0.1'}`;
      const url = new URL(request.url ?? '/', origin);
      const path = url.pathname
        .slice(basePath.length)
        .split('/')
        .filter((part) => part !== '')
        .map(decode);
      const method = request.method ?? 'GET';
      const call: ApiCall = { method, path, query: url.searchParams, request, origin, hold };
      writeResponse(response, await api.handle(call).catch(errorResponse));
    } finally {
      hold.release();
    }
    return true;
  };
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function writeResponse(response: ServerResponse, answer: ApiResponse): void {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.statusCode = answer.status;
  if (answer.body === undefined) {
    response.setHeader('Content-Length', '0');
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(answer.body));
}

function errorResponse(error: unknown): ApiResponse {
  if (!(error instanceof ManagementError)) {
    return exceptionResponse(500, 'Something went wrong while processing your request', {
      type: error instanceof HostError ? error.code : 'System.InvalidOperationException',
      message: error instanceof Error ? error.message : String(error),
    });
  }
  if (error.exception !== undefined) return exceptionResponse(error.status, error.message, error.exception);
  if (error.message === '') return { status: error.status };
  // Some of the real host's answers are objects, others bare texts.
  const bare = error.status === 404 || error.status === 412;
  return { status: error.status, body: bare ? error.message : { Message: error.message } };
}

const exceptionResponse = (
  status: number,
  text: string,
  exception: { type: string; message: string },
): ApiResponse => ({
  status,
  body: {
    Message: text,
    ExceptionMessage: exception.message,
    ExceptionType: exception.type,
    StackTrace: '   at the embedded host',
  },
});

class ManagementApi {
  constructor(private readonly options: ManagementOptions) {}

  async handle(call: ApiCall): Promise<ApiResponse> {
    const hub = call.query.get('taskHub');
    if (hub !== null && hub.toLowerCase() !== this.options.hub.name.toLowerCase()) return NOT_FOUND;
    // The real host's routes treat an encoded slash in an id or a name as a slash.
    if (call.path.some((part) => part.includes('/'))) return NOT_FOUND;
    const [first, second, third, fourth] = call.path;
    const length = call.path.length;
    switch (first?.toLowerCase()) {
      case 'orchestrators':
        if (call.method !== 'POST' || second === undefined || length > 3) return NOT_FOUND;
        return this.#start(call, second, third);
      case 'instances':
        if (length === 1) return this.#instances(call);
        if (length === 2) return this.#instance(call, second ?? '');
        if (call.method !== 'POST') return NOT_FOUND;
        if (length === 3) return this.#operate(call, second ?? '', third ?? '');
        if (length === 4 && third?.toLowerCase() === 'raiseevent')
          return this.#raise(call, second ?? '', fourth ?? '');
        return NOT_FOUND;
      case 'entities':
        if (length > 3) return NOT_FOUND;
        return third === undefined ? this.#entities(call, second) : this.#entity(call, second ?? '', third);
      default:
        return NOT_FOUND;
    }
  }

  async #start(call: ApiCall, name: string, instanceId: string | undefined): Promise<ApiResponse> {
    const text = await bodyOf(call.request);
    const { operations } = this.options;
    const version = call.query.get('version') ?? undefined;
    const input = startInput(call.request, text);
    const [timeout, interval] = [
      seconds(call.query.get('timeout')),
      seconds(call.query.get('pollingInterval')),
    ];
    const id = await operations.start({ name, instanceId, input, version });
    if (timeout !== undefined && interval !== undefined && interval > timeout) {
      throw new ManagementError(
        400,
        `Total timeout ${timeout} should be bigger than retry timeout ${interval}`,
      );
    }
    if (timeout === undefined || interval === undefined) return this.#started(call, id);
    return this.#wait(call, id, timeout * 1000, interval * 1000);
  }

  /** Polls, as the real host does. The clock is released in between, or a virtual clock would never reach the end. */
  async #wait(call: ApiCall, id: string, timeoutMs: number, intervalMs: number): Promise<ApiResponse> {
    const { clock, operations } = this.options;
    const until = clock.now() + timeoutMs;
    for (;;) {
      const row = operations.get(id);
      if (row?.status === 'Completed') return { status: 200, body: parseJsonOrText(row.output) };
      if (row !== undefined && isTerminal(row.status)) return this.#status(call, row);
      if (clock.now() >= until) return this.#started(call, id);
      await new Promise<void>((resolve) => {
        clock.at(Math.min(until, clock.now() + intervalMs), () => {
          call.hold.release = clock.hold(REQUEST);
          resolve();
        });
        call.hold.release();
      });
    }
  }

  #started(call: ApiCall, id: string): ApiResponse {
    const body = managementUrls(call.origin, this.options.hub, id);
    return { status: 202, headers: { Location: body.statusQueryGetUri ?? '', 'Retry-After': '10' }, body };
  }

  async #instance(call: ApiCall, id: string): Promise<ApiResponse> {
    const { operations } = this.options;
    if (call.method === 'DELETE')
      return { status: 200, body: { instancesDeleted: await operations.purge(id) } };
    if (call.method !== 'GET') return NOT_FOUND;
    const row = operations.get(id);
    return row === undefined ? NOT_FOUND : this.#status(call, row);
  }

  #status(call: ApiCall, row: InstanceRow): ApiResponse {
    const { operations } = this.options;
    const showInput = flag(call.query.get('showInput')) ?? true;
    const body = statusBody(row, showInput ? operations.inputOf(row.id) : null);
    if (flag(call.query.get('showHistory')) === true) {
      const showOutput = flag(call.query.get('showHistoryOutput')) === true;
      body.historyEvents = historyBody(operations.history(row.id), showOutput, showInput);
    }
    if (!isTerminal(row.status)) {
      return {
        status: 202,
        headers: { Location: `${call.origin}${call.request.url}`, 'Retry-After': '5' },
        body,
      };
    }
    const failed =
      row.status === 'Failed' && flag(call.query.get('returnInternalServerErrorOnFailure')) === true;
    return { status: failed ? 500 : 200, body };
  }

  async #instances(call: ApiCall): Promise<ApiResponse> {
    const { operations } = this.options;
    const query = instanceQuery(call.query);
    if (call.method === 'DELETE') {
      if (query.createdFrom === undefined) {
        return { status: 400, body: "Please provide value for 'createdTimeFrom' parameter." };
      }
      const deleted = await operations.purgeWhere(query);
      return deleted === 0 ? NOT_FOUND : { status: 200, body: { instancesDeleted: deleted } };
    }
    if (call.method !== 'GET') return NOT_FOUND;
    const showInput = flag(call.query.get('showInput')) ?? true;
    return page(
      call,
      (after, limit) => operations.find({ ...query, after, limit }),
      (row) => statusBody(row, showInput ? operations.inputOf(row.id) : null),
    );
  }

  async #operate(call: ApiCall, id: string, operation: string): Promise<ApiResponse> {
    const { operations } = this.options;
    const reason = call.query.get('reason');
    switch (operation.toLowerCase()) {
      case 'terminate':
        await operations.terminate(id, reason);
        return ACCEPTED;
      case 'suspend':
        await operations.suspend(id, reason);
        return ACCEPTED;
      case 'resume':
        await operations.resume(id, reason);
        return ACCEPTED;
      case 'rewind':
        await operations.rewind(id, reason);
        return ACCEPTED;
      case 'restart':
        return this.#started(
          call,
          await operations.restart(id, flag(call.query.get('restartWithNewInstanceId')) ?? true),
        );
      default:
        return NOT_FOUND;
    }
  }

  async #raise(call: ApiCall, id: string, name: string): Promise<ApiResponse> {
    const { operations } = this.options;
    operations.requireActive(id);
    if (!isJson(call.request))
      throw new ManagementError(400, 'Only application/json request content is supported');
    const input = parseBody(await bodyOf(call.request));
    await operations.raise(id, name, input);
    return ACCEPTED;
  }

  async #entity(call: ApiCall, name: string, key: string): Promise<ApiResponse> {
    const { operations } = this.options;
    const realKey = key === '$' ? '' : key;
    if (call.method === 'GET') {
      const entity = operations.entity(name, realKey);
      if (entity?.exists !== true || entity.state === null) return NOT_FOUND;
      return { status: 200, body: parseJsonOrText(entity.state) };
    }
    if (call.method !== 'POST' && call.method !== 'DELETE') return NOT_FOUND;
    const operation = call.method === 'DELETE' ? 'delete' : (call.query.get('op') ?? '');
    const text = await bodyOf(call.request);
    let input: string | null = null;
    if (call.request.headers['content-length'] !== '0') {
      try {
        input = isJson(call.request) ? parseBody(text) : JSON.stringify(text);
      } catch (error) {
        const why =
          error instanceof ManagementError ? (error.exception?.message ?? error.message) : String(error);
        throw new ManagementError(400, `Could not parse JSON content: ${why}`);
      }
    }
    await operations.signal(name, realKey, operation, input);
    return ACCEPTED;
  }

  #entities(call: ApiCall, name: string | undefined): ApiResponse {
    if (call.method !== 'GET') return NOT_FOUND;
    const [from, to] = [
      time(call.query.get('lastOperationTimeFrom')),
      time(call.query.get('lastOperationTimeTo')),
    ];
    const fetchState = flag(call.query.get('fetchState')) === true;
    const prefix = name === undefined ? '@' : `@${name.toLowerCase()}@`;
    const query = { kind: 'entity', prefix, statuses: [] } as const;
    const exists = ({ entityState }: InstanceRow): boolean => {
      const { exists, state } = JSON.parse(entityState ?? '{}') as EntityState;
      return exists && state !== null;
    };
    const rows = (after: string): InstanceRow[] =>
      this.options.operations
        .find({ ...query, after, limit: -1 })
        .filter(
          (row) => exists(row) && row.updatedAt >= (from ?? 0) && row.updatedAt <= (to ?? row.updatedAt),
        );
    return page(call, rows, (row) => ({
      entityId: parseEntityId(row.id),
      lastOperationTime: new Date(row.updatedAt).toISOString(),
      state: fetchState
        ? parseJsonOrText((JSON.parse(row.entityState ?? '{}') as { state: string | null }).state)
        : null,
    }));
  }
}

/**
 * One page; the continuation token in the header is its last id.
 * @param find rows after an id; at least as many as the limit, if there are that many
 */
function page(
  call: ApiCall,
  find: (after: string, limit: number) => readonly InstanceRow[],
  toBody: (row: InstanceRow) => unknown,
): ApiResponse {
  const top = Number.parseInt(call.query.get('top') ?? '', 10);
  const size = Number.isNaN(top) || top < 0 ? DEFAULT_PAGE : top;
  const token = call.request.headers['x-ms-continuation-token'];
  const after =
    typeof token === 'string' && token !== '' && token !== 'null'
      ? Buffer.from(token, 'base64url').toString()
      : '';
  const left = find(after, size + 1);
  const pageRows = left.slice(0, size);
  const headers: Record<string, string> = {};
  if (left.length > pageRows.length) {
    headers['x-ms-continuation-token'] =
      Buffer.from(pageRows.at(-1)?.id ?? after).toString('base64url') || 'AA';
  }
  return { status: 200, headers, body: pageRows.map(toBody) };
}
