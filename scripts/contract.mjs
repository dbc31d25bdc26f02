// Registers what was added, builds, and runs the contract suite for the named actions, or for all:
// `npm run contract -- defender.device`. Unlike `vitest -t`, it refuses a name that no action has. It prints the results as a
// table, and writes docs/reference/contract.md, which holds the same table without them.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const names = process.argv.slice(2);

run('scripts/generate.mjs');
const registry = pathToFileURL(resolve(root, 'dist/src/actions/registry.generated.js')).href;
const known = (await import(registry)).actions.map(({ name }) => name);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No action is named ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}
run(
  'node_modules/vitest/vitest.mjs',
  'run',
  'test/actions/contract/table.test.ts',
  '-u',
  '--silent',
  '--reporter=dot',
);
const only = names.map((name) => name.replaceAll('.', '\\.')).join('|');
run(
  'node_modules/vitest/vitest.mjs',
  'run',
  'test/actions/contract',
  '--reporter=default',
  '--reporter=./scripts/contract-reporter.mjs',
  ...(names.length > 0 ? ['-t', `^(${only}) `] : []),
);

function run(program, ...args) {
  const { status } = spawnSync(process.execPath, [resolve(root, program), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
