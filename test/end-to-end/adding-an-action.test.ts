/** What docs/adding-an-action.md says, done in a copy: three files by hand, and two commands. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyRepository, type RepositoryCopy, root } from './repository-copy.js';

const PARTS = [
  ...[
    'src',
    'test/actions',
    'docs/reference',
    'docs/openapi.json',
    'schema',
    'scripts',
    'package.json',
    'package-lock.json',
  ],
  ...['biome.json', 'tsconfig.json', 'test/tsconfig.json', 'vitest.config.ts', 'host.json'],
  ...['packages/functions-emulator/src', 'packages/functions-emulator/package.json'],
  ...['packages/tenant-simulator/src', 'packages/tenant-simulator/package.json'],
];
const NAME = 'defender.installed-software';
const SOURCE = 'src/actions/defender/installed-software.ts';
const CASE = `test/actions/contract/cases/${NAME}.ts`;
const ROUTE = 'packages/tenant-simulator/src/services/defender/machines.ts';
const GENERATED = [
  'docs/reference/actions.md',
  'docs/reference/contract.md',
  'docs/reference/permissions.md',
  'schema/playbook.schema.json',
  'src/actions/registry.generated.ts',
];
const page = readFileSync(join(root, 'docs/adding-an-action.md'), 'utf8').replaceAll('\r\n', '\n');

let copy: RepositoryCopy;
beforeAll(() => {
  copy = copyRepository(PARTS);
});
afterAll(() => copy.remove());

/** The first block of code in this language after a text of the page. */
function blockAfter(text: string, language: string): string {
  const [, ...after] = page.split(text);
  const block = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\`\\n`).exec(after.join(text))?.[1];
  if (block === undefined) throw new Error(`No ${language} after "${text}".`);
  return block;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(copy.directory, file)), { recursive: true });
  writeFileSync(join(copy.directory, file), text);
}

function run(program: string, args: readonly string[]) {
  const { CI: _, ...env } = process.env;
  const options = { cwd: copy.directory, encoding: 'utf8', env: { ...env, NO_COLOR: '1' } } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, output: stdout + stderr };
}

/** Each hunk of the difference must fit in one place. */
function patched(text: string, difference: string): string {
  let result = text;
  for (const hunk of difference.split(/^@@.*\n/m).slice(1)) {
    const lines = hunk.split(/(?<=\n)/);
    const without = (sign: string) => lines.flatMap((line) => (line.startsWith(sign) ? [] : line.slice(1)));
    const parts = result.split(without('+').join(''));
    expect(parts, hunk).toHaveLength(2);
    result = parts.join(without('-').join(''));
  }
  return result;
}

/** The text of each file that is not built, by its path. */
function texts(): ReadonlyMap<string, string> {
  const folders = ['src', 'test', 'docs', 'schema', 'scripts', 'packages'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(copy.directory, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return new Map(
    files
      .map((file) => [
        file.slice(copy.directory.length + 1).replaceAll('\\', '/'),
        readFileSync(file, 'utf8'),
      ])
      .filter(([file]) => !/(^|\/)dist\//.test(file ?? '')) as [string, string][],
  );
}

it('adds an action by three files and two commands', { timeout: 400_000 }, () => {
  const before = texts();
  write(SOURCE, blockAfter('An enrichment, `', 'ts'));
  write(CASE, blockAfter('That of an enrichment is short, `', 'ts'));
  write(ROUTE, patched(before.get(ROUTE) ?? '', blockAfter('For the enrichment above:', 'diff')));

  const contract = run(process.execPath, ['scripts/contract.mjs', NAME]);
  expect(contract.output).toContain(NAME);
  expect(contract.status, contract.output).toBe(0);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const settings = { extends: './tsconfig.json', include: [], files: [SOURCE, CASE, ROUTE] };
  write(
    'tsconfig.added.json',
    JSON.stringify({ ...settings, compilerOptions: { noEmit: true, rootDir: '.' } }),
  );
  expect(run(process.execPath, [compiler, '-p', 'tsconfig.added.json'])).toEqual({ status: 0, output: '' });
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const checked = run(process.execPath, [biome, 'check', '--vcs-enabled=false', SOURCE, CASE, ROUTE]);
  expect(checked.status, checked.output).toBe(0);

  const changed = [...texts()].filter(([file, text]) => before.get(file) !== text).map(([file]) => file);
  expect(changed.sort()).toEqual([SOURCE, CASE, ROUTE, ...GENERATED].sort());
});
