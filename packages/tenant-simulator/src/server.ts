/** The HTTP server for all hosts, distinguished by the Host header. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { checkAccess } from './access.js';
import { errorBody, faultCode } from './error-bodies.js';
import { ServiceError } from './errors.js';
import type { Faults } from './faults.js';
import { guidOf } from './ids.js';
import type { Quotas } from './quotas.js';
import { createRouter, NotSimulated, type Route, type RouteResponse } from './router.js';
import type { SimulatedService } from './service.js';
import { BOT_CONNECTOR } from './services/teams/hosts.js';
import type { SimulatedHost } from './simulated-host.js';
import type { TenantDatabase } from './tenant-database.js';
import type { Fault, LoggedCall } from './types.js';

export interface ServerParts {
  readonly db: TenantDatabase;
  readonly services: readonly SimulatedService[];
  /** Those of the services, and those that need the running tenant. */
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly clock: { now(): number };
  /** Shows new messages of the Bot Connector in a Teams client, if there is one. */
  readonly showInTeams: () => Promise<void>;
  readonly logCall: (call: LoggedCall, unknown: boolean) => void;
}

interface IncomingCall {
  readonly host: string;
  readonly method: string;
  readonly url: URL;
  readonly text: string;
  readonly request: IncomingMessage;
  readonly now: number;
  readonly requestId: string;
}
interface CallOutcome extends RouteResponse {
  readonly headers?: Readonly<Record<string, string>>;
  readonly unknown?: boolean;
}

export function createTenantServer(parts: ServerParts): Server {
  const find = createRouter(parts.routes);
  const hosts = parts.services.flatMap((service) => service.hosts);
  const hostOf = (name: string): SimulatedHost | undefined => hosts.find((host) => host.name === name);
  const turns = new Map<string, number>();

  /** The n-th repetition of a call always gets the same id, independent of other calls. */
  const requestIdFor = (...call: readonly string[]): string => {
    const key = createHash('sha256').update(JSON.stringify(call)).digest('base64');
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    return guidOf('request', key, String(turn));
  };

  const dispatch = async ({ host, method, url, text, request, now }: IncomingCall): Promise<CallOutcome> => {
    const found = find(host, method, url.pathname);
    if (found === undefined) return notSimulated(host, method, url);
    try {
      checkAccess(found.route, request.headers.authorization, parts.db.settings.app);
      for (const { advance } of parts.services) advance?.(parts.db, now);
      const header = (name: string): string | undefined => String(request.headers[name] ?? '') || undefined;
      const call = { params: found.params, query: url.searchParams, text, header, db: parts.db, now };
      const reply = found.route.handle(call);
      if (found.route.host === BOT_CONNECTOR) await parts.showInTeams();
      return reply;
    } catch (error) {
      if (error instanceof NotSimulated) return notSimulated(host, method, url);
      throw error;
    } finally {
      parts.db.save();
    }
  };

  /** A call that a fault refuses as throttled takes nothing from its quota. */
  const throttle = ({ method, host, url, now }: IncomingCall, fault: Fault | undefined): void => {
    const refusal = fault?.answer.kind === 'status' && fault.answer.status === 429 ? fault.answer : undefined;
    if (refusal === undefined) parts.quotas.count(method, host, url.pathname, now);
    else parts.quotas.refused(method, host, url.pathname, now, refusal.retryAfterSeconds);
  };

  const answer = async (incoming: IncomingCall, fault: Fault | undefined): Promise<CallOutcome> => {
    try {
      throttle(incoming, fault);
      if (fault?.answer.kind === 'status') throw statusFault(hostOf(incoming.host), fault.answer);
      return await dispatch(incoming);
    } catch (error) {
      const known = error instanceof ServiceError ? error : undefined;
      const shown = known ?? new ServiceError(500, 'InternalServerError', String(error));
      return {
        status: shown.status,
        body: errorBody(hostOf(incoming.host), shown, incoming),
        headers: shown.headers,
      };
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const incoming = await read(request, parts.clock.now(), requestIdFor);
    const { host, method, url, now } = incoming;
    const fault = parts.faults.consume(host, method, url.pathname);
    const seen = (status: number, unknown = false): void =>
      parts.logCall({ at: now, host, method, path: url.pathname, status }, unknown);
    const kind = fault?.answer;
    if (kind?.kind === 'hang') return seen(0);
    if (kind?.kind === 'reset' && kind.after === 'nothing') {
      seen(0);
      request.socket.resetAndDestroy();
      return;
    }
    if (kind?.kind === 'garbage') {
      seen(200);
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Our services are');
      return;
    }
    const before = kind?.kind === 'ignored' ? parts.db.state() : undefined;
    const outcome = await answer(incoming, fault);
    if (before !== undefined) parts.db.replace(before);
    if (kind?.kind === 'reset') {
      seen(0);
      request.socket.resetAndDestroy();
      return;
    }
    seen(outcome.status, outcome.unknown);
    send(
      response,
      incoming,
      hostOf(host) ?? {},
      kind?.kind === 'part' ? firstItemOnly(outcome, incoming) : outcome,
      kind?.kind === 'half',
    );
  };

  const server = createServer((request, response) => {
    // Only a broken connection can fail here; the client notices it.
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.requestTimeout = 0;
  // Closing an idle connection while a client reuses it would look like a lost write.
  server.keepAliveTimeout = 0;
  return server;
}

async function read(
  request: IncomingMessage,
  now: number,
  requestIdFor: (...call: readonly string[]) => string,
): Promise<IncomingCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const forwarded = request.headers['x-forwarded-host'];
  const host = String(forwarded ?? request.headers.host ?? '').toLowerCase();
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://tenant.invalid');
  const requestId = requestIdFor(host, method, url.pathname, url.search, text);
  return { host, method, url, text, request, now, requestId };
}

function send(
  response: ServerResponse,
  { now, requestId }: IncomingCall,
  { requestIdHeader = 'x-ms-request-id' }: Pick<SimulatedHost, 'requestIdHeader'>,
  outcome: CallOutcome,
  half: boolean,
): void {
  const text = outcome.body === undefined ? '' : JSON.stringify(outcome.body);
  response.sendDate = false;
  response.writeHead(outcome.status, {
    date: new Date(now).toUTCString(),
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(outcome.status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    [requestIdHeader]: requestId,
    ...outcome.headers,
  });
  if (half) response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(text);
}

function firstItemOnly({ body, ...outcome }: CallOutcome, { host, url }: IncomingCall): CallOutcome {
  const list = body as { readonly value?: unknown } | undefined;
  if (!Array.isArray(list?.value)) return { ...outcome, body };
  const next = `https://${host}${url.pathname}?$skip=1`;
  return { ...outcome, body: { ...list, value: list.value.slice(0, 1), '@odata.nextLink': next } };
}

function statusFault(
  host: SimulatedHost | undefined,
  { status, retryAfterSeconds }: Extract<Fault['answer'], { kind: 'status' }>,
): ServiceError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new ServiceError(status, faultCode(host, status), 'This fault was injected.', headers);
}

function notSimulated(host: string, method: string, url: URL): CallOutcome {
  const message = `The simulated tenant has no answer for ${method} ${host}${url.pathname}.`;
  return { status: 501, body: { error: { code: 'NotSimulated', message } }, unknown: true };
}
