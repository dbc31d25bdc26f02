/** Replays recorded incidents, and prints what happened and what differs. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { canonicalJson } from '../../domain/canonical.js';
import type { CheckedPlaybook } from '../../playbook/index.js';
import { duration } from '../../views/index.js';
import { exitCodes } from '../exit-codes.js';
import { type Fixture, findFixture, fixtureNames } from '../fixture.js';
import { assertValidPlaybooks, defaultPlaybooks } from '../playbooks.js';
import { CliError, type Problem, toProblem } from '../problem.js';
import { openTerminal, type Terminal } from '../terminal.js';
import { differenceLines } from './difference-lines.js';
import { type Difference, differences } from './differences.js';
import { type NotApplied, notApplied, notAppliedLines } from './not-applied.js';
import type { ReplayRun } from './run.js';
import { table } from './table.js';

export interface ReplayOptions {
  readonly record?: boolean;
  readonly json?: boolean;
  readonly playbooks?: string;
  readonly policy?: string;
}
interface Row {
  readonly fixture: Fixture;
  readonly replayed?: ReplayRun;
  readonly differences: readonly Difference[];
  /** The playbooks, if none of them applied. */
  readonly notApplied?: readonly NotApplied[];
  readonly problem?: Problem;
}

export async function replayFixtures(names: readonly string[], options: ReplayOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const fixtures = (names.length > 0 ? names : fixtureNames()).map(findFixture);
  if (fixtures.length === 0) throw new CliError('fixture-unknown', 'There is no fixture in fixtures/.');
  const playbooks = assertValidPlaybooks(options.playbooks ?? defaultPlaybooks, {
    policy: options.policy,
  });
  const rows: Row[] = [];
  // Sequential: each fixture has its own host, clock and broker.
  for (const fixture of fixtures) rows.push(await run(fixture, playbooks, options));
  print(rows, terminal, options.record === true);
  process.exitCode = exitCodeOf(rows);
}

async function run(
  fixture: Fixture,
  playbooks: readonly CheckedPlaybook[],
  options: ReplayOptions,
): Promise<Row> {
  const { replay } = await import('./run.js');
  const exchanges = fixture.path('exchanges.har');
  const files = {
    playbooksDirectory: options.playbooks ?? defaultPlaybooks,
    ...(options.policy === undefined ? {} : { policyFile: options.policy }),
  };
  try {
    if (options.record) {
      rmSync(exchanges, { force: true });
      const source = { kind: 'simulated', tenant: fixture.tenant, recordTo: exchanges } as const;
      const replayed = await replay(fixture, source, files);
      const sorted: unknown = JSON.parse(canonicalJson(replayed.result));
      writeFileSync(fixture.path('expected.json'), `${JSON.stringify(sorted, null, 2)}\n`);
      return { fixture, replayed, differences: [] };
    }
    if (!existsSync(exchanges)) {
      throw new CliError(
        'fixture-invalid',
        `The fixture ${fixture.name} has no exchanges.har.`,
        `Record it: npm run replay -- --record ${fixture.name}`,
      );
    }
    const { expected } = fixture;
    const replayed = await replay(fixture, { kind: 'recorded', exchanges }, files);
    // Through JSON, to ignore values that expected.json cannot contain.
    const actual = JSON.parse(JSON.stringify(replayed.result)) as Record<string, unknown>;
    return {
      fixture,
      replayed,
      differences: differences(expected, actual),
      notApplied: notApplied(replayed, playbooks),
    };
  } catch (error) {
    return { fixture, differences: [], problem: toProblem(error) };
  }
}

function exitCodeOf(rows: readonly Row[]): number {
  const problem = rows.find((row) => row.problem !== undefined)?.problem;
  if (problem !== undefined) return problem.exitCode;
  return rows.some((row) => row.differences.length > 0) ? exitCodes.differs : exitCodes.ok;
}

function print(rows: readonly Row[], terminal: Terminal, recorded: boolean): void {
  if (terminal.json) {
    for (const { fixture, replayed, differences, notApplied, problem } of rows) {
      terminal.data({
        incident: fixture.name,
        ...(replayed && { result: replayed.result, realMs: Math.round(replayed.realMs) }),
        same: problem === undefined && differences.length === 0,
        ...(notApplied?.length ? { notApplied } : {}),
        differences: differences.map(({ path, expected, actual }) => ({ path, expected, actual })),
        ...(problem && { problem }),
      });
    }
    return;
  }
  // Narrow columns: what may be long follows each row in lines of its own.
  const header = ['INCIDENT', 'EXPECTED', 'VIRTUAL', 'REAL'];
  const [heading = '', ...lines] = table([header, ...rows.map((row) => cells(row, recorded))]);
  terminal.line(heading);
  for (const [i, row] of rows.entries()) {
    terminal.line(lines[i]);
    for (const line of whatHappened(row)) terminal.line(`  ${line}`);
  }
  for (const row of rows) for (const line of details(row)) terminal.line(line);
}

function cells({ fixture, replayed, differences, problem }: Row, recorded: boolean): string[] {
  if (replayed === undefined) return [fixture.name, problem?.code ?? 'failed', '', ''];
  const { result, realMs } = replayed;
  return [
    fixture.name,
    recorded ? 'recorded' : differences.length === 0 ? 'same' : `${differences.length} different`,
    duration(result.virtualDurationMs),
    `${Math.round(realMs)} ms`,
  ];
}

/** The decisions with the outcome, and the responses. */
function whatHappened({ replayed }: Row): string[] {
  if (replayed === undefined) return [];
  const { file, result } = replayed;
  const evaluated = file.decisions
    .filter(({ outcome }) => outcome.accepted)
    .map(({ decision }) => decision.kind);
  const actions = file.effects.map(({ action, state }) => `${action} ${state}`);
  return [[...evaluated, result.outcome].join(' → '), actions.join(', ') || 'no response'];
}

function details({ fixture, differences, notApplied = [], problem }: Row): string[] {
  const lines =
    differences.length === 0 ? [] : [...notAppliedLines(notApplied), ...differenceLines(differences)];
  if (problem !== undefined) {
    lines.push(
      `[${problem.code}] ${problem.message}${problem.next === undefined ? '' : `\nnext: ${problem.next}`}`,
    );
  }
  const indented = lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`);
  return lines.length === 0 ? [] : ['', `${fixture.name}:`, ...indented];
}
