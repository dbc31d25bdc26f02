import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAction } from '../../src/cli/new/action.js';
import { newFixture } from '../../src/cli/new/fixture.js';
import { newPlaybook } from '../../src/cli/new/playbook.js';
import { writeScaffold } from '../../src/cli/new/scaffold.js';
import { checkPlaybooks } from '../../src/cli/playbooks.js';
import { CliError } from '../../src/cli/problem.js';
import { cli } from './run-cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const KINDS: readonly (readonly [name: string, kind: string])[] = [
  ['defender.collect-package', 'machine-action'],
  ['defender.block-usb', 'response'],
  ['defender.alerts', 'enrichment'],
  ['entra.reset-password', 'response'],
  ['entra.groups', 'enrichment'],
  ['logs.downloads', 'enrichment'],
  ['sentinel.watchlist', 'enrichment'],
];

describe('responder new', () => {
  let directory: string;
  beforeAll(() => {
    // Inside the repository, so the copy resolves the same packages.
    mkdirSync(join(root, 'dist'), { recursive: true });
    directory = mkdtempSync(join(root, 'dist/new-'));
    for (const part of [
      'src',
      'packages/functions-emulator/src',
      'packages/tenant-simulator/src',
      'test/actions',
      'fixtures/ransomware-on-workstation',
      'package.json',
      'tsconfig.json',
    ])
      cpSync(join(root, part), join(directory, part), { recursive: true });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

  it('creates actions that compile, each with a case for the contract suite', { timeout: 240_000 }, () => {
    for (const [name, kind] of KINDS) writeScaffold(directory, newAction(name, { kind }));
    const files = KINDS.flatMap(([name]) => [
      `src/actions/${name.replace('.', '/')}.ts`,
      `test/actions/contract/cases/${name}.ts`,
    ]);
    const tsconfig = JSON.parse(readFileSync(join(directory, 'tsconfig.json'), 'utf8'));
    writeFileSync(
      join(directory, 'tsconfig.new.json'),
      JSON.stringify({
        ...tsconfig,
        include: undefined,
        files,
        compilerOptions: {
          ...tsconfig.compilerOptions,
          noEmit: true,
          incremental: false,
          tsBuildInfoFile: undefined,
        },
      }),
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.new.json'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(compiled.stdout).toBe('');
    expect(compiled.status).toBe(0);
  });

  it('prints what it created and what to do next, and overwrites nothing', { timeout: 60_000 }, async () => {
    const args = [
      'new',
      'action',
      'defender.scan-again',
      '--kind',
      'machine-action',
      '--json',
      '--directory',
      directory,
    ];
    const { code, stdout } = await cli(args);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines.filter(({ kind }) => kind === 'created').map(({ path }) => path)).toEqual([
      'src/actions/defender/scan-again.ts',
      'test/actions/contract/cases/defender.scan-again.ts',
    ]);
    expect(lines.flatMap(({ command }) => command ?? [])).toContain('npm run generate');
    const again = await cli(args);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(again.stderr)).toMatchObject({ kind: 'error', code: 'file-exists' });
  });

  it.each([
    ['defender.../x', {}, 'name-invalid'],
    ['defender.Collect', {}, 'name-invalid'],
    ['defender', {}, 'name-invalid'],
    ['constructor.x', {}, 'service-unknown'],
    ['entra.x', { kind: 'toy' }, 'kind-invalid'],
    ['entra.x', { entity: 'toy' }, 'entity-invalid'],
    ['entra.x', { kind: 'machine-action' }, 'kind-invalid'],
    ['sentinel.x', { kind: 'response' }, 'kind-invalid'],
  ])('an action %s with %j is refused: %s', (name, options, code) => {
    expect(problemOf(() => newAction(name, { kind: 'enrichment', ...options }))).toMatchObject({
      code,
      exitCode: 2,
    });
  });

  it('refuses other names, and folders without the sources', () => {
    expect(problemOf(() => newPlaybook('../x'))).toMatchObject({ code: 'name-invalid' });
    expect(problemOf(() => newFixture('../x', 'y', directory))).toMatchObject({ code: 'name-invalid' });
    expect(problemOf(() => newFixture('x', 'nothing', directory))).toMatchObject({ code: 'fixture-unknown' });
    const same = newFixture('ransomware-on-workstation', 'ransomware-on-workstation', directory);
    expect(problemOf(() => writeScaffold(directory, same))).toMatchObject({ code: 'file-exists' });
    const elsewhere = join(directory, 'test');
    expect(problemOf(() => writeScaffold(elsewhere, same))).toMatchObject({ code: 'not-a-repository' });
  });

  it('creates a playbook that is valid', () => {
    writeScaffold(directory, newPlaybook('password-spray'));
    const text = readFileSync(join(directory, 'playbooks/password-spray.yaml'), 'utf8');
    // Only the simulated tenant accepts tiers in a playbook.
    expect(text).not.toContain('approvals:');
    const { problems } = checkPlaybooks([join(directory, 'playbooks/password-spray.yaml')]);
    expect(problems).toEqual([]);
  });

  it('creates a fixture that lacks only its recording', () => {
    writeScaffold(directory, newFixture('password-spray', 'ransomware-on-workstation', directory));
    const read = (name: string, file: string) =>
      readFileSync(join(directory, 'fixtures', name, file), 'utf8');
    expect(JSON.parse(read('password-spray', 'decisions.json'))).toEqual([]);
    for (const file of ['event.json', 'fixture.json', 'tenant.json'])
      expect(read('password-spray', file)).toBe(read('ransomware-on-workstation', file));
  });
});

function problemOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof CliError ? error.problem : error;
  }
  throw new Error('it was not refused');
}
