/** Every error of the command line as a problem: a code, a message and the next step. Never a stack trace. */

// The error classes alone: a command that needs no host must not load its database.
import { HostError, type HostErrorCode } from 'functions-emulator/errors';
import { SimulatorError } from 'tenant-simulator/errors';
import { ResponderError } from '../domain/errors.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly next?: string;
  readonly exitCode: ExitCode;
}

/** Thrown by commands for problems that the user can fix. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly problem: Problem;

  constructor(code: string, message: string, next?: string, exitCode: ExitCode = exitCodes.invalid) {
    super(message);
    this.problem = { code, message, exitCode, ...(next === undefined ? {} : { next }) };
  }
}

const NEXT: Readonly<Record<HostErrorCode, string>> = {
  'data-directory-in-use': 'Stop the other process, or choose another folder with --data-directory.',
  'data-directory-not-writable': 'Choose a folder that you may write to with --data-directory.',
  'data-directory-not-private':
    'Find out who wrote it. If you trust its content, remove the permissions of others (chmod -R go-rwx on the folder); otherwise choose another folder with --data-directory.',
  'data-corrupt':
    'Copy the folder if you need it, then delete it or choose another one with --data-directory.',
  'data-version': 'Start the version that wrote it, or choose another folder with --data-directory.',
  'data-disk-full': 'Free disk space, then start again: accepted incidents are not lost.',
  'port-in-use': 'Choose other ports with --port and --service-bus-port; 0 selects a free port.',
  'app-not-found': 'Build the program first: npm run build',
  'app-failed': 'See the messages above.',
  'app-refused': 'See the messages above for what the host does not support.',
  'app-ended': 'See the messages above for why the app ended.',
  'setting-invalid': 'Fix host.json or local.settings.json.',
};

const DISK_FULL: Problem = {
  code: 'data-disk-full',
  message: 'The disk is full.',
  next: NEXT['data-disk-full'],
  exitCode: exitCodes.unexpected,
};

/** Converts any thrown value to a problem. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof CliError) return thrown.problem;
  if (thrown instanceof HostError) {
    const exitCode = ownFault(thrown.code) ? exitCodes.unexpected : exitCodes.invalid;
    return { code: thrown.code, message: thrown.message, next: NEXT[thrown.code], exitCode };
  }
  if (isDiskFull(thrown)) return DISK_FULL;
  if (thrown instanceof SimulatorError) {
    return { code: `simulated-${thrown.code}`, message: thrown.message, exitCode: exitCodes.invalid };
  }
  if (thrown instanceof ResponderError) {
    const { code, message, next, fault } = thrown.info;
    const exitCode = fault === 'caller' ? exitCodes.invalid : exitCodes.unexpected;
    return { code, message, exitCode, ...(next === undefined ? {} : { next }) };
  }
  return (
    fileProblem(thrown) ?? { code: 'unexpected', message: messageOf(thrown), exitCode: exitCodes.unexpected }
  );
}

/** Whether the fault is in the app or the machine, not in the input. */
function ownFault(code: HostErrorCode): boolean {
  return code.startsWith('app-') || code === 'data-disk-full';
}

/** Whether a database could not be opened or written for lack of space. */
function isDiskFull(thrown: unknown): boolean {
  const cause = thrown instanceof SimulatorError ? thrown.cause : thrown;
  return cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_FULL';
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Converts an operating system error about a file or a port. */
function fileProblem(thrown: unknown): Problem | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  const place = 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : 'a file';
  const exitCode = exitCodes.invalid;
  switch (thrown.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        code: 'no-permission',
        message: `There is no permission to use ${place}.`,
        next: 'Change its permissions, or choose another folder with --data-directory.',
        exitCode,
      };
    case 'ENOENT':
      return { code: 'not-found', message: `${place} does not exist.`, exitCode };
    case 'ENOSPC':
      return DISK_FULL;
    case 'EADDRINUSE':
      return { code: 'port-in-use', message: thrown.message, next: NEXT['port-in-use'], exitCode };
    default:
      return undefined;
  }
}
