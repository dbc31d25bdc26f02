/** The host's HTTP port on 127.0.0.1. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, STATUS_CODES } from '../node-http.js';
import { portError } from '../port-error.js';
import { reply } from './reply.js';
import { checkRequest, parserErrorStatus, parserMaxHeaderBytes } from './request-checks.js';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An open port. Requests that come before `serve` wait for it. */
export interface HttpListener {
  readonly port: number;
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  serve(handler: RequestHandler): void;
  /** Refuses new connections at once and resolves when the running requests are answered. */
  close(): Promise<void>;
  /** Breaks the connections that are left. */
  abort(): void;
}

const OPTION = { flag: '--port', name: 'port' };
/** As long as the real web server waits for another request on a connection. */
const keepAliveMs = 130_000;

/**
 * Opens the port; 0 picks a free one.
 * @throws HostError `port-in-use` when another process has it.
 */
export async function listen(port: number): Promise<HttpListener> {
  let serve: (handler: RequestHandler) => void = () => {};
  const handler = new Promise<RequestHandler>((resolve) => {
    serve = resolve;
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('Server', 'Kestrel');
    response.on('error', () => {}); // the caller left
    response.on('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    try {
      const fault = checkRequest(request);
      if (fault !== undefined) reply(response, fault, { Connection: 'close' });
      else await (await handler)(request, response);
    } catch {
      if (response.headersSent) response.destroy();
      else reply(response, 500);
    }
  };
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: parserMaxHeaderBytes,
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => void answer(request, response),
  );
  // The real server sends 100 Continue only when the body has not arrived yet.
  server.on('checkContinue', (request, response) => {
    setImmediate(() => {
      if (!request.complete && request.readableLength === 0) response.writeContinue();
    });
    void answer(request, response);
  });
  server.on('checkExpectation', (request, response) => void answer(request, response));
  server.on('connect', (_, socket: Socket) => rejectSocket(socket, 404));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    rejectSocket(socket, parserErrorStatus(error.code)),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(port, 'HTTP', OPTION, error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    port: actual,
    url: `http://127.0.0.1:${actual}`,
    serve,
    close() {
      serve(async (_, response) => reply(response, 503)); // for requests that still wait
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return closed;
    },
    abort: () => server.closeAllConnections(),
  };
}

function rejectSocket(socket: Socket, status: number): void {
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`;
  if (socket.writable)
    socket.end(`${line}\r\nContent-Length: 0\r\nConnection: close\r\nServer: Kestrel\r\n\r\n`);
  else socket.destroy();
}
