/** The toy app on the embedded host, driven through its management API. */
import { fileURLToPath } from 'node:url';
import { type Host, type HostEvent, type HostOptions, startHost } from 'functions-emulator';

export const toyApp = fileURLToPath(new URL('../apps/durable', import.meta.url));

export interface Status {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly customStatus: unknown;
  readonly output: unknown;
  readonly historyEvents?: readonly Record<string, unknown>[];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface Toy {
  readonly host: Host;
  readonly events: HostEvent[];
  /** Diagnostic codes reported so far. */
  readonly diagnosed: () => string[];
  readonly send: (method: string, path: string, body?: unknown) => Promise<Response>;
  /** The same, with the body read: undefined when it is empty. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Only the call's status code. */
  readonly statusOf: (method: string, path: string, body?: unknown) => Promise<number>;
  readonly start: (name: string, id: string, input?: unknown) => Promise<Response>;
  readonly status: (id: string) => Promise<Status>;
  readonly until: (id: string, what: (status: Status) => boolean) => Promise<Status>;
  /** Resolves when the instance shows this custom status. */
  readonly at: (id: string, customStatus: unknown) => Promise<Status>;
  readonly done: (id: string) => Promise<Status>;
  readonly raise: (id: string, name: string, data: unknown) => Promise<Response>;
}

const API = '/runtime/webhooks/durabletask';
const ENDED = ['Completed', 'Failed', 'Terminated'];
const PATIENCE_MS = 20_000;

export async function startToy(options: Partial<HostOptions> = {}): Promise<Toy> {
  const events: HostEvent[] = [];
  const host = await startHost({
    appDirectory: toyApp,
    port: 0,
    serviceBusPort: 0,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const send: Toy['send'] = (method, path, body) =>
    fetch(`${host.url}${API}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const call: Toy['call'] = async (method, path, body) => {
    const response = await send(method, path, body);
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const status: Toy['status'] = async (id) =>
    (await send('GET', `/instances/${id}`)).json() as Promise<Status>;
  const until: Toy['until'] = async (id, what) => {
    const limit = performance.now() + PATIENCE_MS;
    for (;;) {
      const response = await send('GET', `/instances/${id}`);
      const seen = response.status === 404 ? undefined : ((await response.json()) as Status);
      if (seen !== undefined && what(seen)) return seen;
      if (performance.now() > limit) throw new Error(`waited too long for ${id}: ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    host,
    events,
    diagnosed: () => events.flatMap((event) => (event.kind === 'diagnostic' ? [event.code] : [])),
    send,
    call,
    statusOf: async (...request) => (await call(...request)).status,
    start: (name, id, input = {}) => send('POST', `/orchestrators/${name}/${id}`, input),
    status,
    until,
    at: (id, wanted) => until(id, ({ customStatus }) => customStatus === wanted),
    done: (id) => until(id, ({ runtimeStatus }) => ENDED.includes(runtimeStatus)),
    raise: (id, name, data) => send('POST', `/instances/${id}/raiseEvent/${name}`, data),
  };
}
