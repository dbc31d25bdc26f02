/** The built command line as a child process, as a user runs it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const entry = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process; its output is stored. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  readonly #lookers = new Set<() => void>();

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    program = process.execPath,
  ) {
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
    this.child = spawn(program, [...args], {
      env: { ...inherited, ...environment },
      // On Windows, npm is a script that needs a shell.
      shell: program === 'npm' && process.platform === 'win32',
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const look of this.#lookers) look();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
        for (const look of this.#lookers) look();
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** JSON lines so far. */
  get lines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits for a JSON line; rejects if the process ends without it. */
  seen(
    matches: (line: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.lines.find(matches);
        if (found !== undefined) {
          this.#lookers.delete(look);
          resolve(found);
        } else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`it ended first:\n${this.#stdout}\n${this.#stderr}`));
        }
      };
      this.#lookers.add(look);
      look();
    });
  }

  kind(kind: string): Promise<Readonly<Record<string, unknown>>> {
    return this.seen((line) => line.kind === kind);
  }

  /** Ends it at once, like a power cut. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export function cli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Running([entry, ...args], environment).ended;
}

/** An npm command of the README. */
export function npm(args: readonly string[]): Promise<Ended> {
  const path = process.env.npm_execpath;
  // npm sets this for its child processes; npx has its own.
  if (path?.endsWith('npm-cli.js')) return new Running([path, ...args]).ended;
  return new Running(args, {}, 'npm').ended;
}

/** `responder start` on free ports, with JSON output. */
export function startResponder(dataDirectory: string, ...more: string[]): Running {
  const ports = ['--port', '0', '--service-bus-port', '0'];
  return new Running([entry, 'start', '--json', ...ports, '--data-directory', dataDirectory, ...more]);
}

/** A new folder, removed by `remove`. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'responder-test-'));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
