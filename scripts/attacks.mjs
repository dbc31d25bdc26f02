// Takes out the guard of each row of the attack table (docs/security.md), one after the other, in a copy of the project:
// with that an assertion of the test which the row names must fail. `npm run attacks -- --only teams page` tries the
// rows that have one of the words. Exits 1 if a test fails with its guard, passes without it, or fails for another reason.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attackRows, keyOf, mutations, outcomeOf, patternOf } from './attacks-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, , option, ...words] = process.argv;
const only = option === '--only' ? words.map((word) => word.toLowerCase()) : [''];
const read = (name) => readFileSync(join(root, name), 'utf8');

const rows = attackRows(read('docs/security.md')).filter((row) => {
  const text = JSON.stringify(row).toLowerCase();
  return only.some((word) => text.includes(word));
});
const rowsOfGuard = new Map();
for (const guard of mutations(read('scripts/attacks.yaml'))) {
  const row = rows.find((one) => keyOf(one) === keyOf(guard));
  const { file, find, replace } = guard;
  const same = JSON.stringify({ file, find, replace });
  if (row !== undefined) rowsOfGuard.set(same, [...(rowsOfGuard.get(same) ?? []), row]);
}

let child;
const copy = mkdtempSync(join(tmpdir(), 'attacks-'));
process.on('exit', () => {
  end();
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
const left = new Set(['node_modules', '.git', '.responder']);
cpSync(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
linkLibraries();

const problems = [];
const skipped = [];
const say = (text) => {
  console.log(text);
  return text;
};
const sound = await outcomes([...rowsOfGuard.values()].flat(), 60);
for (const [same, guarded] of rowsOfGuard) {
  const { file, find, replace } = JSON.parse(same);
  const source = readFileSync(join(copy, file), 'utf8');
  write(
    file,
    source.replace(find, () => replace),
  );
  // A missing guard may let a test wait or loop for good.
  const found = await outcomes(guarded, 10);
  write(file, source);
  for (const row of guarded) {
    const [before, after] = [sound.get(row), found.get(row)];
    const test = `${keyOf(row)}: ${row.file} "${row.title}"`;
    if (before === 'passed' && after === 'failed') say(`✔ ${keyOf(row)}`);
    else if (before === 'skipped') skipped.push(say(`– ${test} is skipped here`));
    else if (before !== 'passed') problems.push(say(`✖ ${test} has its guard and ${before}`));
    else problems.push(say(`✖ ${test} ${after} without its guard`));
  }
}
console.log(`${rows.length} rows, ${skipped.length} not tried here, ${problems.length} not proved.`);
if (problems.length > 0) console.log(problems.join('\n'));
process.exit(problems.length === 0 ? 0 : 1);

/** Ends the tests with the processes that they run in, also those that loop. */
function end() {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') child.kill();
  else process.kill(-child.pid, 'SIGKILL');
}

/** The copy uses the libraries of the original, and the packages of its own. */
function linkLibraries() {
  const libraries = join(copy, 'node_modules');
  mkdirSync(libraries);
  const packages = readdirSync(join(copy, 'packages'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const target = packages.includes(name) ? join(copy, 'packages', name) : join(root, 'node_modules', name);
    if (statSync(target).isDirectory()) symlinkSync(target, join(libraries, name), 'junction');
  }
}

/** Writes a source of the copy, and builds it. */
function write(file, text) {
  writeFileSync(join(copy, file), text);
  const { status, stderr } = spawnSync(process.execPath, [join(copy, 'scripts/build.mjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${file} does not build: ${stderr}`);
}

/** Runs the tests that the rows name, for some minutes at most. Returns what came of each row's. */
async function outcomes(some, minutes) {
  const output = join(copy, 'outcomes.json');
  rmSync(output, { force: true });
  const files = [...new Set(some.map(({ file }) => file))];
  const pattern = some.map(({ title }) => patternOf(title).replaceAll(' > ', ' ')).join('|');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [
    vitest,
    'run',
    ...files,
    '-t',
    pattern,
    // Longer than a test waits for what never comes, so that it says so.
    '--testTimeout=300000',
    '--reporter=json',
    `--outputFile=${output}`,
  ];
  child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: 'ignore',
    detached: process.platform !== 'win32',
  });
  const limit = setTimeout(end, minutes * 60_000);
  await once(child, 'exit');
  clearTimeout(limit);
  if (!existsSync(output)) return new Map(some.map((row) => [row, 'did not end in time']));
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  const inCopy = (file) => testResults.find(({ name }) => name.replaceAll('\\', '/').endsWith(`/${file}`));
  return new Map(some.map((row) => [row, outcomeOf(row.title, inCopy(row.file))]));
}
