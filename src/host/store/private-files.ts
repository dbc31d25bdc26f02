/**
 * Files that only their owner may read or write: they hold keys, and what stands in them is believed. On Windows there
 * are no modes and no owner to compare: there a file is private as far as the folder that it lies in is, and only
 * links are refused.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HostError } from '../errors.js';

const OTHERS = 0o077;

/**
 * Makes a folder for this user only, or checks the one that is there.
 * @throws HostError `data-directory-not-private`, and what the file system says.
 */
export function privateDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory() && !stat.isSymbolicLink()) throw new Error(`${path} is not a folder`);
  check(path, stat);
}

/**
 * Checks all files below a folder.
 * @param except names that nothing is believed of.
 * @throws HostError `data-directory-not-private`
 */
export function checkPrivate(directory: string, except: readonly string[] = []): void {
  for (const { name } of readdirSync(directory, { withFileTypes: true })) {
    if (except.includes(name)) continue;
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    check(path, stat);
    if (stat.isDirectory()) checkPrivate(path);
  }
}

/** Makes an empty file for this user only where there is none: what a library then opens keeps its mode. */
export function privateFile(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | noFollow(path), 0o600);
  try {
    check(path, fstatSync(file));
  } finally {
    closeSync(file);
  }
}

/** The text of a private file, checked as it is read. Throws ENOENT where there is none. */
export function readPrivate(path: string): string {
  const file = openSync(path, constants.O_RDONLY | noFollow(path));
  try {
    check(path, fstatSync(file));
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Writes a private file; whoever reads meanwhile gets the old text or the new one. */
export function writePrivate(path: string, text: string): void {
  const part = `${path}.part`;
  rmSync(part, { force: true });
  writeFileSync(part, text, { mode: 0o600, flag: 'wx' });
  renameSync(part, path);
}

/** Opening a link fails; where the system cannot be asked to, it is looked for. */
function noFollow(path: string): number {
  if (constants.O_NOFOLLOW !== undefined) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw notPrivate(path, 'is a link');
    return constants.O_NOFOLLOW;
  }
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) check(path, stat);
  return 0;
}

function check(path: string, stat: Stats): void {
  if (stat.isSymbolicLink()) throw notPrivate(path, 'is a link');
  const user = process.getuid?.();
  if (user === undefined) return;
  if (stat.uid !== user) throw notPrivate(path, `belongs to another user (${stat.uid})`);
  const mode = stat.mode & 0o777;
  if ((mode & OTHERS) !== 0) throw notPrivate(path, `is open to other users (mode ${mode.toString(8)})`);
}

function notPrivate(path: string, what: string): HostError {
  return new HostError(
    'data-directory-not-private',
    `The data directory is not private: ${path} ${what}, so that keys in it may be known to others or come from them.`,
  );
}
