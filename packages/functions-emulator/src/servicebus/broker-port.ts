/** The broker's port. It is opened before the broker starts, because the app needs the address while it loads. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { portError } from '../port-error.js';
import type { AccessKey } from './authorization.js';

/** Clients that come before `serve` wait for it. */
export interface BrokerPort {
  /** For `ServiceBusClient` of `@azure/service-bus`, as it is. */
  readonly connectionString: string;
  readonly key: AccessKey;
  serve(accept: (socket: Socket) => void): void;
  /** Refuses new connections at once and resolves when the open ones have ended. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const OPTION = { flag: '--service-bus-port', name: 'serviceBusPort' };
const KEY_NAME = 'RootManageSharedAccessKey';

/**
 * @param port 0 picks a free one.
 * @param accessKey of the rule RootManageSharedAccessKey, base64; by default a new one each time.
 * @throws HostError `port-in-use`.
 */
export async function openBrokerPort(port: number, accessKey?: string): Promise<BrokerPort> {
  const key = { name: KEY_NAME, value: accessKey ?? randomBytes(32).toString('base64') };
  const early = new Set<Socket>();
  let accept = (socket: Socket): void => {
    early.add(socket);
    socket.on('error', () => undefined).on('close', () => early.delete(socket));
  };
  const server = createServer((socket) => accept(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(port, 'Service Bus', OPTION, error)));
    server.listen(port, HOST, resolve);
  });
  const actual = (server.address() as { port: number }).port;
  return {
    connectionString: `Endpoint=sb://${HOST}:${actual};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${key.value};UseDevelopmentEmulator=true;`,
    key,
    serve(next) {
      accept = next;
      for (const socket of early) next(socket);
      early.clear();
    },
    close() {
      for (const socket of early) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
