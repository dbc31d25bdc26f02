/** The folder with all data of a responder: the host's database, the simulated tenant, and the sign-in secret. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HostError } from 'functions-emulator/errors';
import { checkPrivate, privateDirectory, readPrivate, writePrivate } from 'functions-emulator/private-files';
import { z } from 'zod';
import { DEFAULT_DATA_DIRECTORY } from './defaults.js';
import { CliError } from './problem.js';

const SIGN_IN = 'sign-in';

const runningSchema = z.object({
  pid: z.number().int(),
  /** `http://127.0.0.1:{port}` */
  url: z.url(),
  startedAt: z.string(),
  /** The analysts that the command line can act as; empty if users sign in themselves. */
  analysts: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
});
export type RunningResponder = z.infer<typeof runningSchema>;

export interface DataDirectory {
  readonly path: string;
  readonly host: string;
  readonly tenant: string;
}

/** The Teams client writes this folder; the responder does not trust its content. */
const NOT_OURS = ['teams-client'];

/**
 * Creates the folder for this user only, and checks that it is writable and that no other user could write to it.
 * @throws CliError `data-directory-not-writable`, HostError `data-directory-not-private`.
 */
export function openDataDirectory(path: string): DataDirectory {
  const absolute = resolve(path);
  try {
    // Files of this process and its children are for this user only.
    process.umask(0o077);
    privateDirectory(absolute);
    checkPrivate(absolute, NOT_OURS);
    // Permissions are not reliable on Windows and on read-only volumes.
    const probe = join(absolute, `.probe-${process.pid}`);
    writePrivate(probe, '');
    rmSync(probe);
  } catch (error) {
    if (error instanceof HostError) throw error;
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(
      'data-directory-not-writable',
      `The data directory ${absolute} cannot be written to (${why}).`,
      'Choose a folder that you may write to with --data-directory.',
    );
  }
  return { path: absolute, host: join(absolute, 'host'), tenant: join(absolute, 'tenant') };
}

/** A folder that does not exist yet, so that an incident can be handled again from the start. */
export function newDataDirectory(): string {
  for (let number = 1; ; number++) {
    const path = `${DEFAULT_DATA_DIRECTORY}/again${number === 1 ? '' : `-${number}`}`;
    if (!existsSync(path)) return path;
  }
}

/** 32 random bytes, hexadecimal. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** Key that signs cards and decisions. It is stored: after a restart, messages in transit stay valid. */
export function signingKeyOf({ path }: DataDirectory): string {
  return storedSecret(join(path, 'signing-key'));
}

/** Secret for sessions and the command line. It is stored: after a restart, users stay signed in. */
export function signInSecretOf({ path }: DataDirectory): string {
  return storedSecret(join(path, SIGN_IN));
}

function storedSecret(file: string): string {
  if (!existsSync(file)) writePrivate(file, newSecret());
  return readPrivate(file);
}

/** Writes the address of the running responder, readable by this user only. */
export function writeRunning({ path }: DataDirectory, running: RunningResponder): void {
  writePrivate(join(path, 'running.json'), JSON.stringify(running));
}

export function removeRunning({ path }: DataDirectory): void {
  rmSync(join(path, 'running.json'), { force: true });
}

/**
 * Reads the address of the responder that runs with this folder, and the sign-in secret.
 * @throws CliError `not-running` if there is none; HostError `data-directory-not-private`.
 */
export function readRunning(path: string): { readonly running: RunningResponder; readonly secret: string } {
  try {
    const running = runningSchema.parse(JSON.parse(readPrivate(join(path, 'running.json'))));
    return { running, secret: readPrivate(join(path, SIGN_IN)) };
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new CliError(
      'not-running',
      `No responder is running with the data directory ${resolve(path)}.`,
      'Start one with: npm start. If it uses another folder, name it with --data-directory.',
    );
  }
}
