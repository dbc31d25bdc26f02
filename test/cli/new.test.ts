import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Response } from '../../src/actions/define.js';
import { runResponse } from '../../src/actions/run.js';
import { newAction } from '../../src/cli/new/action.js';
import { newFixture } from '../../src/cli/new/fixture.js';
import { newPlaybook } from '../../src/cli/new/playbook.js';
import { writeScaffold } from '../../src/cli/new/scaffold.js';
import { checkPlaybooks } from '../../src/cli/playbooks.js';
import { CliError } from '../../src/cli/problem.js';
import { DANA, MACHINE, withContoso } from '../actions/contoso.js';
import { copyRepository, type RepositoryCopy, root } from '../end-to-end/repository-copy.js';
import { cli } from './run-cli.js';

const KINDS: readonly (readonly [name: string, kind: string])[] = [
  ['defender.collect-package', 'machine-action'],
  ['defender.block-usb', 'response'],
  ['defender.alerts', 'enrichment'],
  ['entra.reset-password', 'response'],
  ['entra.groups', 'enrichment'],
  ['logs.downloads', 'enrichment'],
  ['sentinel.watchlist', 'enrichment'],
];
const filesOf = (name: string) => [
  `src/actions/${name.replace('.', '/')}.ts`,
  `test/actions/contract/cases/${name}.ts`,
];
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  defender: { name: 'Machine.Scan', quota: 'defender-machine-actions' },
  entra: { name: 'User.Read.All', quota: 'graph-directory' },
  logs: { name: 'Data.Read', quota: 'log-analytics' },
  sentinel: { name: 'Microsoft Sentinel Reader', quota: 'arm-reads' },
};
function filledIn(name: string, text: string): string {
  const names = NAMES[name.split('.')[0] ?? ''];
  return text
    .replace(/(name|permission): 'FILL_IN'/g, `$1: '${names?.name}'`)
    .replaceAll("quota: 'FILL_IN'", `quota: '${names?.quota}'`)
    .replaceAll("risk: 'FILL_IN'", "risk: 'safe'")
    .replaceAll("takesUpTo: 'FILL_IN'", "takesUpTo: '15m'")
    .replaceAll("idempotent: 'FILL_IN'", 'idempotent: false')
    .replaceAll('() => FILL_IN', '() => true')
    .replaceAll(/\$\{FILL_IN\}/g, 'v1.0')
    .replaceAll('= FILL_IN;', "= 'done' as string;");
}

describe('responder new', () => {
  let copy: RepositoryCopy;
  let directory: string;
  beforeAll(() => {
    copy = copyRepository([
      'src',
      'packages/functions-emulator/src',
      'packages/tenant-simulator/src',
      'test/actions',
      'scripts/generate.mjs',
      'scripts/build.mjs',
      'fixtures/ransomware-on-workstation',
      'package.json',
      'tsconfig.json',
    ]);
    ({ directory } = copy);
    const { vcs: _vcs, ...biome } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(directory, 'biome.json'), JSON.stringify(biome));
    for (const [name, kind] of KINDS) writeScaffold(directory, newAction(name, { kind }));
  });
  afterAll(() => copy.remove());

  it('creates actions that compile once they are filled in, and not before', { timeout: 240_000 }, () => {
    const filled = (file: string) => file.replace(/([^/]+)$/, 'filled-$1');
    for (const [name] of KINDS) {
      for (const file of filesOf(name)) {
        const text = readFileSync(join(directory, file), 'utf8');
        writeFileSync(join(directory, filled(file)), filledIn(name, text));
      }
    }
    const files = KINDS.flatMap(([name]) => filesOf(name)).flatMap((file) => [file, filled(file)]);
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
    const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.new.json', '--pretty', 'false'], {
      cwd: directory,
      encoding: 'utf8',
    });
    const errors = compiled.stdout.split('\n').filter((line) => /^\S/.test(line));
    const isPlaceholder = (error: string) => {
      const [, file = '', line] = /^(.+)\((\d+),/.exec(error) ?? [];
      const lines = readFileSync(join(directory, file), 'utf8').split('\n');
      return lines[Number(line) - 1]?.includes('FILL_IN') === true;
    };
    expect(errors.filter((error) => !isPlaceholder(error))).toEqual([]);
    expect(errors.filter((line) => line.includes('filled-'))).toEqual([]);
    for (const [name] of KINDS) expect(errors.join('\n')).toContain(`${filesOf(name)[0]}(`);
  });

  it('creates actions that are not registered before they are filled in', () => {
    const generator = join(directory, 'scripts/generate.mjs');
    const { status, stderr } = spawnSync(process.execPath, [generator], { cwd: directory, encoding: 'utf8' });
    expect(status).toBe(1);
    for (const [name] of KINDS) expect(stderr).toContain(`${filesOf(name)[0]}:`);
    expect(readFileSync(join(directory, 'src/actions/registry.generated.ts'), 'utf8')).not.toContain(
      'block-usb',
    );
  });

  it('creates files that need no formatting', { timeout: 60_000 }, () => {
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'check', ...KINDS.flatMap(([name]) => filesOf(name))];
    const checked = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
    expect(checked.stdout + checked.stderr).toMatch(/^Checked 14 files in .*\. No fixes applied\.\s*$/);
  });

  it.each([
    ['defender.block-usb', { machineId: MACHINE, device: 'ws-fin-0142' }],
    ['defender.collect-package', { machineId: MACHINE, device: 'ws-fin-0142' }],
    ['entra.reset-password', { objectId: DANA, upn: 'dana.ortiz@contoso.com' }],
  ])('changes nothing by %s before it is filled in', async (name, input) => {
    const file = pathToFileURL(join(directory, filesOf(name)[0] ?? '')).href;
    const { default: action } = (await import(file)) as { default: Response };
    await withContoso([], async (contoso) => {
      const before = contoso.state();
      for (const prechecked of [false, true]) {
        const context = contoso.context(name, 'target', { prechecked });
        expect(await runResponse(action, input, context)).toMatchObject({ ok: false });
      }
      expect(contoso.state()).toEqual(before);
    });
  });

  it('has a case that no run of the contract suite skips before the action is registered', () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [
      vitest,
      'run',
      'test/actions/contract/enrichments',
      '-t',
      'entra.groups',
      '--root',
      directory,
    ];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
    expect(stderr).toMatch(/^.*No action is registered for .*entra\.groups.*Run npm run generate/m);
    expect(status).toBe(1);
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
    expect(lines.flatMap(({ command }) => command ?? [])).toContain(
      'npm run contract -- defender.scan-again',
    );
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

  it('creates a playbook that is valid once its conditions are filled in, and not before', () => {
    writeScaffold(directory, newPlaybook('password-spray'));
    const file = join(directory, 'playbooks/password-spray.yaml');
    const text = readFileSync(file, 'utf8');
    // Only the simulated tenant accepts tiers in a playbook.
    expect(text).not.toContain('approvals:');
    expect(checkPlaybooks([file]).problems.map(({ code }) => code)).toEqual([
      'unknown-variable',
      'unknown-variable',
    ]);
    writeFileSync(file, text.replaceAll('when: FILL_IN', 'when: incident.severity == "high"'));
    expect(checkPlaybooks([file]).problems).toEqual([]);
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
