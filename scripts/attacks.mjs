// Takes out the guard of each row of the attack table (docs/security.md), one after the other, in a copy of the project:
// with that the test which the row names must fail. `npm run attacks -- --only teams` tries the rows that have the word.
// Exits 1 if a test passes without its guard, or fails with it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { attackRows, mutations, patternOf } from './attacks-table.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const NEEDED = ['src', 'dist', 'test', 'fixtures', 'playbooks', 'schema', 'scripts', 'docs', 'teams'];
const FILES = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'host.json'];
const only = process.argv.includes('--only') ? process.argv.at(-1).toLowerCase() : '';

const rows = attackRows(readFileSync(join(root, 'docs/security.md'), 'utf8'));
const guards = mutations(readFileSync(join(root, 'scripts/attacks.yaml'), 'utf8'));
const wanted = rows.filter((row) => JSON.stringify(row).toLowerCase().includes(only));
const copy = mkdtempSync(join(tmpdir(), 'attacks-'));
const problems = [];
try {
  for (const name of [...NEEDED, ...FILES]) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  /** Tests that pass as things are: a test that fails anyway proves nothing. */
  const sound = new Map();
  for (const row of wanted) {
    const { attack, refused, file, title } = row;
    const guard = guards.find((one) => one.attack === attack && one.refused === refused);
    const say = (text) => console.log(`${text}  ${attack} | ${refused}`);
    const fail = (text) => {
      say(`✖ ${text}`);
      problems.push(`${attack} | ${refused}: ${text}`);
    };
    if (guard === undefined) {
      fail('has no mutation');
      continue;
    }
    const test = `${file} ${title}`;
    if (!sound.has(test)) sound.set(test, passes(file, title));
    if (!sound.get(test)) {
      fail(`its test fails with the guard in place: ${test}`);
      continue;
    }
    const source = readFileSync(join(root, guard.file), 'utf8');
    if (source.split(guard.find).length !== 2) {
      fail(`its guard does not stand once in ${guard.file}`);
      continue;
    }
    change(
      guard.file,
      source.replace(guard.find, () => guard.replace),
    );
    if (passes(file, title)) fail(`its test passes without the guard: ${test}`);
    else say('✔');
    change(guard.file, source);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(
  problems.length === 0
    ? `${wanted.length} rows, each refused by its guard alone.`
    : `${problems.length} of ${wanted.length} rows are not proved:\n${problems.join('\n')}`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Writes a source of the copy, and what it is compiled to. */
function change(file, text) {
  writeFileSync(join(copy, file), text);
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
  };
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: file });
  writeFileSync(join(copy, 'dist', file.replace(/\.ts$/, '.js')), outputText);
}

/** Whether the named test, and at least one, runs and passes. */
function passes(file, title) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', file, '-t', patternOf(title), '--reporter=json', '--maxWorkers=1'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const result = JSON.parse(stdout.slice(stdout.indexOf('{"num')) || '{}');
  return result.success === true && result.numPassedTests > 0;
}
