/** Every test runs everywhere, apart from those of what a platform does not have. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { repository, trackedFiles } from './repository.js';
import { skippedIn } from './skipped.js';

/** What only some platforms have, by the test that needs it. */
const PLATFORMS: Readonly<Record<string, readonly string[]>> = {
  // A full disk is a limit of the process, or a file system of its own: prlimit and unshare.
  'test/end-to-end/disk-full.test.ts': ["runIf(process.platform === 'linux')"],
  'packages/functions-emulator/test/durable/disk-full.test.ts': ['runIf(possible)'],
  // File modes and owners; only an administrator gives files away.
  'test/cli/data-directory.test.ts': ['runIf(!WINDOWS)', 'runIf(process.getuid?.() === 0)'],
  // Folders that no one can write to.
  'test/cli/bad-input.test.ts': ["runIf(process.platform === 'linux')"],
  // A pseudo terminal.
  'test/cli/keys.test.ts': ['runIf(hasScript)'],
};

it('no test is left out, and only those of a platform are conditional', () => {
  const files = trackedFiles().filter((file) => /(?:^|\/)test\/.*\.(?:ts|mjs)$/.test(file));
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) => {
    const places = skippedIn(file, readFileSync(repository(file), 'utf8'));
    return places.length === 0 ? [] : [[file, places] as const];
  });
  expect(Object.fromEntries(found)).toEqual(PLATFORMS);
});

it.each([
  ["it.skip('x', () => {});", 'skip'],
  ["describe.only('x', () => {});", 'only'],
  ["test.todo('x');", 'todo'],
  ["it.fails('x', () => {});", 'fails'],
  ["it.skipIf(process.env.CI)('x', () => {});", 'skipIf(process.env.CI)'],
  ["it.runIf(a && b())('x', () => {});", 'runIf(a && b())'],
  ["it.runIf(linux).each([1])('x', () => {});", 'runIf(linux)'],
  ["it.concurrent.skip('x', () => {});", 'skip'],
  ["it.each([1]).skip('x', () => {});", 'skip'],
  ["describe.each`a`.only('x', () => {});", 'only'],
  ["it('x', { skip: true }, () => {});", 'skip'],
  ["it.each([1])('x', { todo: true }, () => {});", 'todo'],
  ["it('x', (context) => context.skip());", 'skip'],
])('finds %s', (text, place) => {
  expect(skippedIn('planted.test.ts', text)).toEqual([place]);
});

it('finds nothing in what only looks like it', () => {
  const text =
    "addFault({ skip: 1, times: 2 }); list.skip(2); it('x', { timeout: 5 }, () => page({ skip: 3 }));";
  expect(skippedIn('planted.test.ts', text)).toEqual([]);
});
