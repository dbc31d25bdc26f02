/** A disk that is full from some commit on: which errors callers get, and which data is there once space is free again. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('./disk-full-process.mjs', import.meta.url));
/** The three flows take about 35 commits. Set DISK_FULL=all to test each of them. */
const each = (commits: readonly number[]): readonly number[] =>
  process.env.DISK_FULL === 'all' ? Array.from({ length: 40 }, (_, commit) => commit) : commits;

type Answer = 'accepted' | { readonly code: string | number; readonly message: string };
interface Report {
  readonly commit: number;
  /** The callers' responses while there was space, and when it ended. */
  readonly said: Readonly<Record<string, Answer>>;
  /** The critical lines of the host's log; none if the disk was not full in time. */
  readonly logged?: readonly string[];
  /** The responses to later callers. */
  readonly late?: Readonly<Record<string, Answer>>;
  readonly lateStatus?: object;
  /** Why the host did not start. */
  readonly stopped?: { readonly name: string; readonly code: string; readonly message: string };
  /** The instances after the next start. */
  readonly after: Readonly<Record<string, { readonly runtimeStatus: string; readonly output: unknown }>>;
}

const LIMIT = {
  how: 'limit',
  code: 'data-directory-not-writable',
  commits: each([0, 2, 4, 5, 8, 13, 19, 26]),
} as const;
const BALLAST = { how: 'ballast', code: 'data-disk-full', commits: each([0, 4, 10, 24]) } as const;

/** A small disk for the process alone, removed with it. */
const withOwnDisk = (directory: string, command: readonly string[]): string[] => [
  'unshare',
  '-Urm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=8m tmpfs "$1" && shift && exec "$@"',
  'sh',
  directory,
  ...command,
];
const can = (command: readonly string[]): boolean => {
  const [program = '', ...parameters] = command;
  return process.platform === 'linux' && spawnSync(program, parameters).status === 0;
};

async function play(how: 'limit' | 'ballast', commits: readonly number[]): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), 'host-full-'));
  const own = [process.execPath, script, JSON.stringify({ directory, commits, how })];
  const [program = '', ...parameters] = how === 'ballast' ? withOwnDisk(directory, own) : own;
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  rmSync(directory, { recursive: true, force: true });
  expect(code).toBe(0);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Report);
}

const WORKFLOW = { doubled: [2, 4, 6], child: 10, event: 'now', counted: 11 };
const OUTPUTS: Readonly<Record<string, unknown>> = {
  start: WORKFLOW,
  message: WORKFLOW,
  event: { step: 2, after: 1 },
};

function check(report: Report, code: string): void {
  const { said, late, logged, stopped, after } = report;
  for (const [door, output] of Object.entries(OUTPUTS)) {
    // Accepted work is there and ends as if nothing had happened; rejected work never existed.
    if (said[door] === 'accepted') expect(after[door]).toMatchObject({ runtimeStatus: 'Completed', output });
    else expect(after[door]).toBeUndefined();
  }
  if (stopped !== undefined) {
    expect(stopped).toMatchObject({ name: 'HostError', code });
    expect(stopped.message).toMatch(/host-full-.*(Free disk space|free space)/);
    return;
  }
  if (logged?.length === 0) return;
  expect(logged).toEqual([
    expect.stringMatching(/could not write its data in .*host-full-.*Free disk space/),
  ]);
  expect(late).toMatchObject({
    start: { code: 500, message: expect.stringContaining(`"ExceptionType":"${code}"`) },
    message: { code: 'QuotaExceeded', message: expect.stringContaining(code) },
    event: { code, message: expect.stringContaining('Free disk space') },
    function: { code: 500 },
  });
  expect(report.lateStatus).toBeUndefined();
  expect(after.late).toBeUndefined();
}

describe.each([
  [
    'the system rejects all writes of the host',
    LIMIT,
    can(['prlimit', '--pid', String(process.pid), '--fsize']),
  ],
  ['another file has taken all the room', BALLAST, can(withOwnDisk(tmpdir(), ['true']))],
])('when %s', (_, { how, code, commits }, possible) => {
  test.runIf(possible)(
    'callers get errors, no accepted work is lost, and all continues once space is free',
    async () => {
      const reports = await play(how, commits);
      expect(reports.map(({ commit }) => commit)).toEqual(commits);
      for (const report of reports) check(report, code);
      expect(reports.filter(({ logged }) => logged?.length === 1).length).toBeGreaterThan(2);
    },
    240_000,
  );
});
