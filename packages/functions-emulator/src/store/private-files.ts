/**
 * Files that only their owner may read or write: they hold keys, and their content is trusted. Windows has no modes and
 * no owner to compare: there a file is as private as its folder, and only links are rejected.
 */
import {
  closeSync,
  constants,
  existsSync,
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
 * Creates a folder for this user only, or checks an existing one.
 * @throws HostError `data-directory-not-private`, and errors of the file system.
 */
export function privateDirectory(path: string): void {
  makeParents(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory() && !stat.isSymbolicLink()) throw new Error(`${path} is not a folder`);
  check(path, stat);
}

/** Not the recursive `mkdirSync`: below a folder of `/proc` that does not exist, Node 20 tries without end. */
function makeParents(path: string): void {
  if (existsSync(path)) return;
  makeParents(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Checks all files below a folder.
 * @param except names whose content is not trusted.
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

/** Creates an empty file for this user only, if missing: a library that opens it keeps its mode. */
export function privateFile(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | noFollow(path), 0o600);
  try {
    check(path, fstatSync(file));
  } finally {
    closeSync(file);
  }
}

/** Reads a private file and checks it. Throws ENOENT if it is missing. */
export function readPrivate(path: string): string {
  const file = openSync(path, constants.O_RDONLY | noFollow(path));
  try {
    check(path, fstatSync(file));
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Writes a private file atomically: a reader gets either the old text or the new one. */
export function writePrivate(path: string, text: string): void {
  const part = `${path}.part`;
  rmSync(part, { force: true });
  writeFileSync(part, text, { mode: 0o600, flag: 'wx' });
  renameSync(part, path);
}

/** Makes opening a link fail; on systems without O_NOFOLLOW, checks for a link first. */
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
    `The data directory is not private: ${path} ${what}, so its keys may be known to, or come from, other users.`,
  );
}
