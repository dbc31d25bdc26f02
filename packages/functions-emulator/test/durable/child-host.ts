/** The toy app on a host in its own process, which may be killed at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HostOptions } from 'functions-emulator';

const script = fileURLToPath(new URL('./host-process.mjs', import.meta.url));

export interface ChildHost {
  readonly url: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** How many activities it has started so far. */
  readonly activities: () => number;
  /** Whether it ended by SIGKILL, its own or ours. */
  readonly killed: () => boolean;
  kill(): Promise<void>;
}

export interface ChildOptions {
  readonly dataDirectory: string;
  /** The commit before which the process kills itself. */
  readonly killAt?: number;
  /** The same, counted from 1 once the host has started. */
  readonly killAtAfterStart?: number;
  /** Runs on a virtual clock, and starts the workflow if it does not exist yet. */
  readonly workflow?: boolean;
  readonly redelivery?: HostOptions['redelivery'];
}

export async function spawnHost(options: ChildOptions): Promise<ChildHost> {
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let begun = 0;
  child.stdout?.on('data', (data: Buffer) => {
    begun += data.toString().match(/^activity /gm)?.length ?? 0;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    url: await firstLine(child, ended),
    ended,
    activities: () => begun,
    killed: () => child.signalCode === 'SIGKILL',
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The address that the host prints, or undefined if it ended before. */
function firstLine(child: ChildProcess, ended: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      const address = /^http.*$/m.exec(text);
      if (address !== null) resolve(address[0]);
    });
    void ended.then(() => resolve(''));
  });
}
