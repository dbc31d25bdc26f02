/** A host in a process of its own, which is killed and started again on the same data and the same ports. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Running } from '../../cli/run-cli.js';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ready {
  readonly url: string;
  readonly keys: { readonly function: string; readonly master: string };
  readonly serviceBus: string;
  readonly topic: { readonly url: string; readonly key: string };
}

export class Lives {
  #running: Running | undefined;
  #options: object = {};

  static async of(dataDirectory: string, settings: Readonly<Record<string, string>>): Promise<Lives> {
    const lives = new Lives();
    const [port, serviceBusPort] = [await freePort(), await freePort()];
    lives.#options = { appDirectory: ROOT, dataDirectory, settings, port, serviceBusPort };
    return lives;
  }

  async start(): Promise<Ready> {
    this.#running = new Running([CHILD, JSON.stringify(this.#options)]);
    return (await this.#running.seen(({ kind }) => kind === 'ready')) as unknown as Ready;
  }

  /** Ends the process as a power cut does. */
  async kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
