/**
 * Loaded into the Teams client's process before it starts. The client listens on all addresses and lets any caller act as
 * any user of the tenant. This file restricts it to this machine, to its own pages and to the life of the parent process.
 */
import { type IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { LOOPBACK, START_VARIABLE, STARTED_BY } from './teams-start.js';

type Listen = (...args: unknown[]) => NetServer;
const listen = NetServer.prototype.listen as Listen;
NetServer.prototype.listen = function (this: NetServer, ...args: unknown[]): NetServer {
  const [first, ...rest] = args;
  if (typeof first === 'number' || typeof first === 'string') {
    const others = typeof rest[0] === 'string' ? rest.slice(1) : rest;
    return listen.call(this, first, LOOPBACK, ...others);
  }
  if (typeof first !== 'object' || first === null) return listen.call(this, 0, LOOPBACK, ...args);
  return listen.call(this, { ...first, host: LOOPBACK }, ...rest);
} as NetServer['listen'];

type Emit = (name: string | symbol, ...args: unknown[]) => boolean;
const emit = Server.prototype.emit as Emit;
Server.prototype.emit = function (this: Server, name: string | symbol, ...args: unknown[]): boolean {
  const asks = name === 'request' || name === 'upgrade';
  if (!asks) return emit.call(this, name, ...args);
  const [request, to] = args as [IncomingMessage, ServerResponse | Duplex];
  const own = isOwn(request, this.address());
  if (to instanceof ServerResponse) {
    to.setHeader(STARTED_BY, process.env[START_VARIABLE] ?? '');
    if (own) return emit.call(this, name, ...args);
    to.writeHead(403, { 'content-type': 'text/plain' }).end(
      'Only requests from pages of this address are accepted.',
    );
    return true;
  }
  if (own) return emit.call(this, name, ...args);
  to.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
  return true;
} as Server['emit'];

/** A page of another site can reach this address, also under another host name; browsers then send its origin. */
function isOwn({ headers }: IncomingMessage, address: AddressInfo | string | null): boolean {
  const port = typeof address === 'object' ? address?.port : undefined;
  const names = [LOOPBACK, 'localhost'].map((name) => `${name}:${port}`);
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  return (
    names.includes(host.toLowerCase()) &&
    (origin === undefined || origin === `http://${host.toLowerCase()}`) &&
    (site === undefined || site === 'same-origin' || site === 'none')
  );
}

// Standard input closes when the parent process ends, however it ends.
process.stdin.on('end', () => process.exit()).resume();
