/**
 * Which instances this host executes, by the version assigned at their start.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
 */
import { HostError } from '../errors.js';
import type { FailureDetails } from './history-events.js';

const MATCHES = ['None', 'Strict', 'CurrentOrOlder'] as const;
const FAILURES = ['Reject', 'Fail'] as const;

export interface Versioning {
  /** The version of an instance whose start has none; null = none. */
  readonly defaultVersion: string | null;
  readonly match: (typeof MATCHES)[number];
  /** Whether an instance that does not match waits for another host or fails. */
  readonly failure: (typeof FAILURES)[number];
}

/** The failure of an instance whose version does not match. */
export const VERSION_MISMATCH: FailureDetails = {
  ErrorType: 'VersionMismatch',
  ErrorMessage: 'Orchestration version did not comply with Worker Versioning',
  StackTrace: null,
  InnerFailure: null,
  IsNonRetriable: true,
  Properties: null,
};

/**
 * @param durableTask `extensions.durableTask` of host.json
 * @throws HostError `setting-invalid` for a strategy that does not exist
 */
export function versioningOf(durableTask: Readonly<Record<string, unknown>>): Versioning {
  const { defaultVersion } = durableTask;
  return {
    defaultVersion: typeof defaultVersion === 'string' ? defaultVersion : null,
    match: oneOf(MATCHES, durableTask, 'versionMatchStrategy', 'CurrentOrOlder'),
    failure: oneOf(FAILURES, durableTask, 'versionFailureStrategy', 'Reject'),
  };
}

function oneOf<T extends string>(
  allowed: readonly T[],
  durableTask: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: T,
): T {
  const value = durableTask[name];
  if (value === undefined || value === null) return otherwise;
  const found = allowed.find((one) => one.toLowerCase() === String(value).toLowerCase());
  if (found !== undefined) return found;
  throw new HostError(
    'setting-invalid',
    `host.json: extensions.durableTask.${name} must be one of ${allowed.join(', ')}.`,
  );
}

export function acceptsVersion({ defaultVersion, match }: Versioning, version: string | null): boolean {
  switch (match) {
    case 'None':
      return true;
    case 'Strict':
      return version === defaultVersion;
    case 'CurrentOrOlder':
      return compareVersions(version ?? '', defaultVersion ?? '') <= 0;
  }
}

/** No version is the oldest. Versions with two to four numbers are compared by number, others as texts. */
function compareVersions(one: string, other: string): number {
  if (one.trim() === '' || other.trim() === '')
    return Number(one.trim() !== '') - Number(other.trim() !== '');
  const parts = [partsOf(one), partsOf(other)] as const;
  if (parts[0] !== undefined && parts[1] !== undefined) return compareParts(parts[0], parts[1]);
  const [a, b] = [one.toUpperCase(), other.toUpperCase()];
  return a < b ? -1 : Number(a > b);
}

/** As .NET's `Version.TryParse`, to which a missing part is less than 0. */
function partsOf(version: string): number[] | undefined {
  const parts = version.split('.').map((part) => (/^\s*\+?\d{1,10}\s*$/.test(part) ? Number(part) : NaN));
  const isVersion = parts.length >= 2 && parts.length <= 4 && parts.every((part) => part < 2 ** 31);
  return isVersion ? parts : undefined;
}

function compareParts(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < 4; index += 1) {
    const difference = (one[index] ?? -1) - (other[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
