/** Single keys in the terminal of `start`: with a made-up input, and in a pseudo terminal. */

import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type KeyOptions, listenForKeys } from '../../src/cli/keys.js';
import { entry, Running, temporaryDirectory } from './run-cli.js';

class Input extends EventEmitter {
  raw = false;
  flowing = false;
  constructor(readonly isTTY = true) {
    super();
  }
  setRawMode(on: boolean): void {
    this.raw = on;
  }
  resume(): void {
    this.flowing = true;
  }
  pause(): void {
    this.flowing = false;
  }
}

function listen(input: Input, more: Partial<KeyOptions> = {}): { seen: string[]; stop: () => void } {
  const seen: string[] = [];
  const stop = listenForKeys({
    input,
    keys: { o: () => seen.push('open'), k: () => seen.push('keys') },
    signal: (name) => seen.push(`${name}${input.raw ? ' in raw mode' : ''}`),
    inForeground: () => true,
    ...more,
  });
  onTestFinished(stop);
  return { seen, stop };
}

describe('keys', () => {
  it('do what they are for, in both cases, and others nothing', () => {
    const input = new Input();
    const { seen } = listen(input);
    for (const data of ['o', 'x', 'K', '\u001b[A', 'ok']) input.emit('data', Buffer.from(data));
    expect(seen).toEqual(['open', 'keys', 'open', 'keys']);
  });

  it('that the terminal would turn into signals still do', () => {
    const input = new Input();
    const { seen } = listen(input);
    input.emit('data', '\u0003');
    input.emit('data', '\u001a');
    expect(seen).toEqual(['SIGINT in raw mode', 'SIGTSTP']);
  });

  it('are read again when a suspended process continues', () => {
    const input = new Input();
    const { seen } = listen(input);
    input.emit('data', '\u001a');
    expect(input).toMatchObject({ raw: false, flowing: false });
    process.emit('SIGCONT', 'SIGCONT');
    expect(input).toMatchObject({ raw: true, flowing: true });
    input.emit('data', 'o');
    expect(seen).toEqual(['SIGTSTP', 'open']);
  });

  it('leave the terminal as it was', () => {
    const input = new Input();
    const { seen, stop } = listen(input);
    stop();
    process.emit('SIGCONT', 'SIGCONT');
    expect(input).toMatchObject({ raw: false, flowing: false });
    input.emit('data', 'o');
    expect(seen).toEqual([]);
  });

  it('are not read in the background, and not from a pipe', () => {
    const background = new Input();
    listen(background, { inForeground: () => false });
    const pipe = new Input(false);
    listen(pipe);
    for (const input of [background, pipe]) expect(input).toMatchObject({ raw: false, flowing: false });
  });
});

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

// A pseudo terminal on Linux: `script` of util-linux.
describe.runIf(hasScript)('in a terminal', () => {
  it('o opens the page with a link that works, or says the link; Ctrl+C leaves the terminal as it was', async () => {
    const data = temporaryDirectory();
    onTestFinished(() => data.remove());
    const opened = join(data.path, 'opened');
    const opener = (script: string) => {
      writeFileSync(join(data.path, 'xdg-open'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    };
    opener(`printf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'`);
    const start = `'${process.execPath}' '${entry}' start --no-demo --port 0 --service-bus-port 0 --data-directory '${join(data.path, 'data')}'`;
    const environment = { PATH: `${data.path}${delimiter}${process.env.PATH}`, CI: '', TERM: 'xterm' };
    const command = `stty cols 80; ${start}; echo code=$?; stty -a`;
    const running = new Running(['-qefc', command, '/dev/null'], environment, 'script');
    onTestFinished(() => running.kill());
    await expect.poll(() => running.stdout, { timeout: 60_000 }).toContain('Press o');
    running.child.stdin.write('o');
    await expect.poll(() => existsSync(opened), { timeout: 20_000 }).toBe(true);
    const link = readFileSync(opened, 'utf8');
    expect((await fetch(link)).status).toBe(200);
    expect(running.stdout).not.toContain(link);

    opener('exit 3');
    running.child.stdin.write('o');
    const links = () => running.stdout.match(/\/sign-in\?token=/g);
    await expect.poll(links, { timeout: 20_000 }).toHaveLength(2);
    running.child.stdin.write('\u0003');
    const { stdout } = await running.ended;
    expect(stdout).toMatch(/stopped\s+code=0/);
    for (const mode of ['icanon', 'echo', 'isig'])
      expect(stdout).toMatch(new RegExp(`(^|[\\s;])${mode}\\b`, 'm'));
  }, 150_000);

  it('is restored even when the process is killed', async () => {
    const built = (file: string) => pathToFileURL(join(import.meta.dirname, '../../dist/src/cli', file)).href;
    const data = temporaryDirectory();
    onTestFinished(() => data.remove());
    const program = join(data.path, 'program.mjs');
    writeFileSync(
      program,
      `import { listenForKeys } from '${built('keys.js')}';
      import { guardTerminal } from '${built('terminal-guard.js')}';
      const keys = { x: () => process.kill(process.pid, 'SIGKILL') };
      listenForKeys({ input: process.stdin, keys, signal() {}, inForeground: () => true, guard: guardTerminal });
      console.log('ready');`,
    );
    const isCooked = "stty -a | grep -Eq '(^|[ ;])icanon'";
    const command = `'${process.execPath}' '${program}'; until ${isCooked}; do sleep 0.1; done; stty -a`;
    const running = new Running(['-qefc', command, '/dev/null'], {}, 'script');
    onTestFinished(() => running.kill());
    await expect.poll(() => running.stdout, { timeout: 20_000 }).toContain('ready');
    running.child.stdin.write('x');
    const { stdout } = await running.ended;
    for (const mode of ['icanon', 'echo', 'isig'])
      expect(stdout).toMatch(new RegExp(`(^|[\\s;])${mode}\\b`, 'm'));
  }, 60_000);
});
