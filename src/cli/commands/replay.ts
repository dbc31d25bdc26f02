import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { canonicalJson } from '../../domain/canonical.js';
import { duration } from '../../views/index.js';
import { exitCodes } from '../exit-codes.js';
import { type Fixture, findFixture, fixtureNames } from '../fixture.js';
import { assertValidPlaybooks, defaultPlaybooks } from '../playbooks.js';
import { CliError, type Problem, toProblem } from '../problem.js';
import { type Difference, differences } from '../replay/differences.js';
import type { ReplayRun } from '../replay/run.js';
import { table } from '../replay/table.js';
import { openTerminal, type Terminal } from '../terminal.js';

interface ReplayOptions {
  readonly record?: boolean;
  readonly json?: boolean;
  readonly playbooks?: string;
}
interface Row {
  readonly fixture: Fixture;
  readonly replayed?: ReplayRun;
  readonly differences: readonly Difference[];
  readonly problem?: Problem;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('replay recorded incidents in virtual time, offline, and compare with the expected results')
    .argument('[fixtures...]', 'names in fixtures/, or paths of folders (default: all of fixtures/)')
    .option('--record', 'run against the simulated tenant, and rewrite exchanges.har and expected.json')
    .option('--playbooks <path>', 'a folder of playbooks to replay with (default: playbooks/)')
    .option('--json', 'one JSON object for each incident')
    .addHelpText(
      'after',
      '\nExamples:\n  responder replay\n  responder replay ransomware-on-workstation --json\n  responder replay --record',
    )
    .action(async (names: string[], options: ReplayOptions) => {
      const terminal = openTerminal({ json: options.json === true });
      const fixtures = (names.length > 0 ? names : fixtureNames()).map(findFixture);
      if (fixtures.length === 0) throw new CliError('fixture-unknown', 'There is no fixture in fixtures/.');
      assertValidPlaybooks(options.playbooks ?? defaultPlaybooks);
      const rows: Row[] = [];
      // Sequential: each fixture has its own host, clock and broker.
      for (const fixture of fixtures) rows.push(await run(fixture, options));
      print(rows, terminal, options.record === true);
      process.exitCode = exitCodeOf(rows);
    });
}

async function run(fixture: Fixture, options: ReplayOptions): Promise<Row> {
  const { replay } = await import('../replay/run.js');
  const exchanges = fixture.path('exchanges.har');
  const playbooks = options.playbooks ?? defaultPlaybooks;
  try {
    if (options.record) {
      rmSync(exchanges, { force: true });
      const source = { kind: 'simulated', tenant: fixture.tenant, recordTo: exchanges } as const;
      const replayed = await replay(fixture, source, playbooks);
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
    const replayed = await replay(fixture, { kind: 'recorded', exchanges }, playbooks);
    // Through JSON, to ignore values that expected.json cannot contain.
    const actual: unknown = JSON.parse(JSON.stringify(replayed.result));
    return { fixture, replayed, differences: differences(expected, actual) };
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
    for (const { fixture, replayed, differences, problem } of rows) {
      terminal.data({
        incident: fixture.name,
        ...(replayed && { result: replayed.result, realMs: Math.round(replayed.realMs) }),
        same: problem === undefined && differences.length === 0,
        differences,
        ...(problem && { problem }),
      });
    }
    return;
  }
  const header = ['INCIDENT', 'DECISION', 'ACTIONS', 'VIRTUAL', 'REAL', 'EXPECTED'];
  for (const line of table([header, ...rows.map((row) => cells(row, recorded))])) terminal.line(line);
  for (const row of rows) for (const line of details(row)) terminal.line(line);
}

function cells({ fixture, replayed, differences, problem }: Row, recorded: boolean): string[] {
  if (replayed === undefined) return [fixture.name, 'failed', '', '', '', problem?.code ?? ''];
  const { result, file, realMs } = replayed;
  const actions = file.effects.map(({ action, state }) => `${action} ${state}`);
  const evaluated = file.decisions
    .filter(({ outcome }) => outcome.accepted)
    .map(({ decision }) => decision.kind);
  return [
    fixture.name,
    [...evaluated, result.outcome].join(' → '),
    actions.join(', ') || 'none',
    duration(result.virtualDurationMs),
    `${Math.round(realMs)} ms`,
    recorded ? 'recorded' : differences.length === 0 ? 'same' : `${differences.length} different`,
  ];
}

function details({ fixture, differences, problem }: Row): string[] {
  const lines = differences.map(
    ({ path, expected, actual }) =>
      `  ${path || '(all)'}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(actual)}`,
  );
  if (problem !== undefined) {
    lines.push(
      `  [${problem.code}] ${problem.message}${problem.next === undefined ? '' : `\n  next: ${problem.next}`}`,
    );
  }
  return lines.length === 0 ? [] : ['', `${fixture.name}:`, ...lines];
}
