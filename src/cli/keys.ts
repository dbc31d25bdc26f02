/** Single keys of an interactive terminal. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The part of `process.stdin` that is used. */
export interface KeyInput {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (data: Buffer | string) => void): unknown;
  off(event: 'data', listener: (data: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}
export interface KeyOptions {
  readonly input: KeyInput;
  /** What each key does, e.g. `o`. Other keys do nothing. */
  readonly keys: Readonly<Record<string, () => void>>;
  /** Sends a signal, as the terminal would: in raw mode, it does not. */
  readonly signal: (name: 'SIGINT' | 'SIGTSTP' | 'SIGQUIT') => void;
  /** Whether the process may read from the terminal: one in the background would be stopped. */
  readonly inForeground: () => boolean;
  /** Restores the terminal if the process is killed; returns a function that ends that. */
  readonly guard?: () => () => void;
}

const SIGNALS = { '\u0003': 'SIGINT', '\u001a': 'SIGTSTP', '\u001c': 'SIGQUIT' } as const;

/** Reads keys one by one, until the returned function is called: then the terminal is as before. */
export function listenForKeys({ input, keys, signal, inForeground, guard }: KeyOptions): () => void {
  let isListening = false;
  let endGuard = (): void => undefined;
  const onData = (data: Buffer | string): void => {
    for (const key of data.toString()) {
      const name = key in SIGNALS ? SIGNALS[key as keyof typeof SIGNALS] : undefined;
      if (name === undefined) keys[key.toLowerCase()]?.();
      else {
        // Before a signal that may end or suspend the process.
        if (name !== 'SIGINT') stop();
        signal(name);
      }
    }
  };
  const start = (): void => {
    if (isListening || input.isTTY !== true || !inForeground()) return;
    isListening = true;
    if (guard !== undefined) endGuard = guard();
    input.setRawMode?.(true);
    input.on('data', onData);
    input.resume();
  };
  const stop = (): void => {
    if (!isListening) return;
    isListening = false;
    input.off('data', onData);
    input.setRawMode?.(false);
    input.pause();
    endGuard();
  };
  start();
  process.on('SIGCONT', start);
  return () => {
    process.off('SIGCONT', start);
    stop();
  };
}

/** Ctrl+C ends this process only, as on Windows; the others stop or end with their whole group. */
export function sendSignal(name: 'SIGINT' | 'SIGTSTP' | 'SIGQUIT'): void {
  if (name === 'SIGINT') {
    // Without a listener, the signal would have ended the process.
    if (!process.emit(name, name)) process.exit(130);
  } else if (process.platform !== 'win32') process.kill(0, name);
}

/** Whether this process's group has the terminal. */
export function isInForeground(): boolean {
  if (process.platform === 'win32') return true;
  try {
    const [group, foreground] = process.platform === 'linux' ? groupsOfLinux() : groupsOfPs();
    return group === foreground;
  } catch {
    return false;
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name, state, ppid, pgrp, session, tty, tpgid. */
function groupsOfLinux(): [string | undefined, string | undefined] {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return [fields[2], fields[5]];
}

function groupsOfPs(): [string | undefined, string | undefined] {
  const text = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  const [group, foreground] = text.trim().split(/\s+/);
  return [group, foreground];
}
