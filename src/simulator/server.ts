/** The HTTP side: one server for all hosts, told apart by the Host header. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { checkAccess } from './access.js';
import { errorBody, faultCode } from './error-bodies.js';
import { ServiceError } from './errors.js';
import type { Faults } from './faults.js';
import { guidOf } from './ids.js';
import { createRouter, NoAnswer, type Reply, type Route } from './router.js';
import { advanceMachineActions } from './services/machine-actions.js';
import type { Fault, SeenCall } from './types.js';
import type { World } from './world.js';

export interface ServerParts {
  readonly world: World;
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly clock: { now(): number };
  /** Shows in a Teams client, if there is one, what the Bot Connector was told. */
  readonly showInTeams: () => Promise<void>;
  readonly seen: (call: SeenCall, unknown: boolean) => void;
}

interface Asked {
  readonly host: string;
  readonly method: string;
  readonly url: URL;
  readonly text: string;
  readonly request: IncomingMessage;
  readonly now: number;
  readonly requestId: string;
}
interface Outcome extends Reply {
  readonly headers?: Readonly<Record<string, string>>;
  readonly unknown?: boolean;
}

export function createTenantServer(parts: ServerParts): Server {
  const find = createRouter(parts.routes);
  const turns = new Map<string, number>();

  /** The same call at the same turn gets the same id, whatever else is going on. */
  const requestIdFor = (...call: readonly string[]): string => {
    const key = createHash('sha256').update(JSON.stringify(call)).digest('base64');
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    return guidOf('request', key, String(turn));
  };

  const decide = async ({ host, method, url, text, request, now }: Asked): Promise<Outcome> => {
    const found = find(host, method, url.pathname);
    if (found === undefined) return noAnswer(host, method, url);
    try {
      checkAccess(found.route, request.headers.authorization, parts.world.settings.app);
      advanceMachineActions(parts.world, now);
      const header = (name: string): string | undefined => String(request.headers[name] ?? '') || undefined;
      const call = { params: found.params, query: url.searchParams, text, header, world: parts.world, now };
      const reply = found.route.answer(call);
      if (found.route.host === CONNECTOR_HOST) await parts.showInTeams();
      return reply;
    } catch (error) {
      if (error instanceof NoAnswer) return noAnswer(host, method, url);
      throw error;
    } finally {
      parts.world.save();
    }
  };

  const answer = async (asked: Asked, fault: Fault | undefined): Promise<Outcome> => {
    try {
      if (fault?.answer.kind === 'status') throw statusFault(asked.host, fault.answer);
      return await decide(asked);
    } catch (error) {
      const known = error instanceof ServiceError ? error : undefined;
      const shown = known ?? new ServiceError(500, 'InternalServerError', String(error));
      return { status: shown.status, body: errorBody(asked.host, shown, asked), headers: shown.headers };
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = await read(request, parts.clock.now(), requestIdFor);
    const { host, method, url, now } = asked;
    const fault = parts.faults.take(host, method, url.pathname);
    const seen = (status: number, unknown = false): void =>
      parts.seen({ at: now, host, method, path: url.pathname, status }, unknown);
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
    const outcome = await answer(asked, fault);
    if (kind?.kind === 'reset') {
      seen(0);
      request.socket.resetAndDestroy();
      return;
    }
    seen(outcome.status, outcome.unknown);
    send(response, asked, kind?.kind === 'part' ? partOf(outcome, asked) : outcome, kind?.kind === 'half');
  };

  const server = createServer((request, response) => {
    // Only a broken connection can fail here; the client sees it itself.
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.requestTimeout = 0;
  // An idle connection that is closed just as a client uses it again would look like a lost write.
  server.keepAliveTimeout = 0;
  return server;
}

async function read(
  request: IncomingMessage,
  now: number,
  requestIdFor: (...call: readonly string[]) => string,
): Promise<Asked> {
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

const CONNECTOR_HOST = 'smba.trafficmanager.net';

function send(
  response: ServerResponse,
  { host, now, requestId }: Asked,
  outcome: Outcome,
  half: boolean,
): void {
  const text = outcome.body === undefined ? '' : JSON.stringify(outcome.body);
  response.sendDate = false;
  response.writeHead(outcome.status, {
    date: new Date(now).toUTCString(),
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(outcome.status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    [host === 'graph.microsoft.com' ? 'request-id' : 'x-ms-request-id']: requestId,
    ...outcome.headers,
  });
  if (half) response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(text);
}

function partOf({ body, ...outcome }: Outcome, { host, url }: Asked): Outcome {
  const list = body as { readonly value?: unknown } | undefined;
  if (!Array.isArray(list?.value)) return { ...outcome, body };
  const next = `https://${host}${url.pathname}?$skip=1`;
  return { ...outcome, body: { ...list, value: list.value.slice(0, 1), '@odata.nextLink': next } };
}

function statusFault(
  host: string,
  { status, retryAfterSeconds }: Extract<Fault['answer'], { kind: 'status' }>,
): ServiceError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new ServiceError(status, faultCode(host, status), 'This fault was ordered.', headers);
}

function noAnswer(host: string, method: string, url: URL): Outcome {
  const message = `The simulated tenant has no answer for ${method} ${host}${url.pathname}.`;
  return { status: 501, body: { error: { code: 'NotSimulated', message } }, unknown: true };
}
