/** The folder in which a responder keeps everything: the host's database, the simulated tenant, and who may sign in. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HostError } from '../host/errors.js';
import { checkPrivate, privateDirectory, readPrivate, writePrivate } from '../host/store/private-files.js';
import { CliError } from './problem.js';

export const DEFAULT_DATA_DIRECTORY = '.responder';
const SIGN_IN = 'sign-in';

const runningSchema = z.object({
  pid: z.number().int(),
  /** `http://127.0.0.1:{port}` */
  url: z.url(),
  startedAt: z.string(),
  /** Whom the command line may decide as; empty where people sign in themselves. */
  analysts: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
});
export type Running = z.infer<typeof runningSchema>;

export interface DataDirectory {
  readonly path: string;
  readonly host: string;
  readonly tenant: string;
}

/** What the Teams client keeps there; nothing of it is believed. */
const NOT_OURS = ['teams-client'];

/**
 * Makes the folder, for this user only, and checks that it can be written to and that nobody else could.
 * @throws CliError `data-directory-not-writable`, HostError `data-directory-not-private`.
 */
export function openDataDirectory(path: string): DataDirectory {
  const absolute = resolve(path);
  try {
    // What any part of this process and its children write is for this user only.
    process.umask(0o077);
    privateDirectory(absolute);
    checkPrivate(absolute, NOT_OURS);
    // Rights alone do not tell on Windows and on read-only volumes.
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

/** 32 random bytes, hexadecimal. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** Signs cards and decisions. Kept: what one start has signed and is still on its way, the next believes. */
export function signingKeyOf({ path }: DataDirectory): string {
  return keptSecret(join(path, 'signing-key'));
}

/** What sessions and the command line sign in with. Kept: a restart signs nobody out. */
export function signInSecretOf({ path }: DataDirectory): string {
  return keptSecret(join(path, SIGN_IN));
}

function keptSecret(file: string): string {
  if (!existsSync(file)) writePrivate(file, newSecret());
  return readPrivate(file);
}

/** Leaves where the responder is, readable by this user only. */
export function writeRunning({ path }: DataDirectory, running: Running): void {
  writePrivate(join(path, 'running.json'), JSON.stringify(running));
}

export function removeRunning({ path }: DataDirectory): void {
  rmSync(join(path, 'running.json'), { force: true });
}

/**
 * What a responder that uses this folder has left.
 * @throws CliError `not-running` when none did, or it ended; HostError `data-directory-not-private`.
 */
export function readRunning(path: string): { readonly running: Running; readonly secret: string } {
  try {
    const running = runningSchema.parse(JSON.parse(readPrivate(join(path, 'running.json'))));
    return { running, secret: readPrivate(join(path, SIGN_IN)) };
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new CliError(
      'not-running',
      `No responder is running on the data directory ${resolve(path)}.`,
      'Start one with: npm start. If it uses another folder, name it with --data-directory.',
    );
  }
}
