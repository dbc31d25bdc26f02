import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../cli/run-cli.js';
import { repository } from '../rules/repository.js';

let project: ReturnType<typeof temporaryDirectory>;
const at = (path: string) => join(project.path, path);
const write = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
async function build(): Promise<number> {
  const url = pathToFileURL(at('scripts/build.mjs')).href;
  const { build } = (await import(/* @vite-ignore */ url)) as { build(): Promise<number> };
  return build();
}

/** What the command line prints, or the app. */
const run = (file = 'dist/cli/index.js') =>
  execFileSync(process.execPath, [at(file)], { encoding: 'utf8' }).trim();
const parts = () => readdirSync(at('dist/cli')).filter((name) => name.startsWith('command'));

beforeEach(() => {
  project = temporaryDirectory();
  mkdirSync(at('scripts'));
  cpSync(repository('scripts/build.mjs'), at('scripts/build.mjs'));
  symlinkSync(repository('node_modules'), at('node_modules'), 'junction');
  write('package-lock.json', '{}');
  write(
    'src/app/index.ts',
    "import { word } from '../domain/word.js';\nconsole.log(word satisfies string);\n",
  );
  write('src/domain/word.ts', "export const word: string = 'one';\n");
  write('src/cli/index.ts', "const { text } = await import('./command.js');\nconsole.log(text);\n");
  write(
    'src/cli/command.ts',
    "import { word } from '../domain/word.js';\nexport const text = ['command', word satisfies string].join(' ');\n",
  );
  write('src/cli/teams-loopback.ts', 'export {};\n');
  for (const name of ['functions-emulator', 'tenant-simulator'])
    write(`packages/${name}/src/index.ts`, `export const name = '${name}';\n`);
});
afterEach(() => project.remove());

it('makes a file of each source and two bundles, and nothing when nothing changed', async () => {
  expect(await build()).toBe(7);
  expect(run()).toBe('command one');
  expect(run('dist/app.js')).toBe('one');
  for (const file of [
    'dist/src/cli/index.js',
    'dist/cli/teams-loopback.js',
    'packages/tenant-simulator/dist/index.js',
  ])
    expect(existsSync(at(file))).toBe(true);
  expect(await build()).toBe(0);
});

it('builds what changed, what was lost, and removes what has no source', async () => {
  await build();
  write('src/domain/word.ts', "export const word: string = 'another';\n");
  expect(await build()).toBe(1);
  expect(run('dist/app.js')).toBe('another');
  expect(run()).toBe('command another');

  rmSync(at('dist/src/domain/word.js'));
  rmSync(at('dist/app.js'));
  for (const name of parts()) rmSync(at(`dist/cli/${name}`));
  expect(await build()).toBe(1);
  expect(existsSync(at('dist/app.js'))).toBe(true);
  expect(run()).toBe('command another');

  rmSync(at('src/domain/word.ts'));
  write('src/app/index.ts', 'export {};\n');
  write('src/cli/command.ts', "export const text = 'no word';\n");
  await build();
  expect(existsSync(at('dist/src/domain/word.js'))).toBe(false);
  expect(run()).toBe('no word');
});

it('leaves the app as it is when only the command line changed', async () => {
  await build();
  write('dist/app.js', '// as it was');
  write('src/cli/command.ts', "export const text = 'changed';\n");
  expect(await build()).toBe(1);
  expect(run()).toBe('changed');
  expect(readFileSync(at('dist/app.js'), 'utf8')).toBe('// as it was');
});

it('keeps the parts that a running command may still load, for a day after they were replaced', async () => {
  const HOUR = 3_600_000;
  const began = Date.now();
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await build();
  const before = parts();
  for (const [after, text, areKept] of [
    [100 * HOUR, 'changed', true],
    [123 * HOUR, 'changed again', true],
    [125 * HOUR, 'changed a third time', false],
  ] as const) {
    vi.setSystemTime(began + after);
    write('src/cli/command.ts', `export const text = '${text}';\n`);
    await build();
    expect(before.every((name) => parts().includes(name))).toBe(areKept);
    expect(before.some((name) => parts().includes(name))).toBe(areKept);
    expect(run()).toBe(text);
  }
});

it('leaves what was built as it is where a source is wrong', async () => {
  await build();
  write('src/domain/word.ts', 'export const word = ;\n');
  await expect(build()).rejects.toThrow(/word\.ts/);
  expect(run('dist/app.js')).toBe('one');
  write('src/domain/word.ts', "export const word: string = 'third';\n");
  expect(await build()).toBe(1);
});

/** A build in a process of its own, and what it has printed. */
function begin(): { readonly process: ChildProcess; said(): string; readonly ended: Promise<unknown[]> } {
  const process_ = spawn(process.execPath, [at('scripts/build.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  onTestFinished(() => void process_.kill('SIGKILL'));
  return { process: process_, said: () => said, ended: once(process_, 'exit') };
}

it('waits for another build, so that the later sources are what is built', async () => {
  const first = begin();
  await vi.waitUntil(() => first.said().includes('Building'), { timeout: 60_000 });
  first.process.kill('SIGSTOP');
  write('src/domain/word.ts', "export const word: string = 'a later word';\n");
  const second = begin();
  await vi.waitUntil(() => second.said().includes('Waiting for another build'), { timeout: 60_000 });
  first.process.kill('SIGCONT');
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    [0, null],
    [0, null],
  ]);
  expect([run(), run('dist/app.js')]).toEqual(['command a later word', 'a later word']);
  expect(await build()).toBe(0);
});

it('does not wait for a build that was killed', async () => {
  const first = begin();
  await vi.waitUntil(() => first.said().includes('Building'), { timeout: 60_000 });
  first.process.kill('SIGKILL');
  await first.ended;
  await build();
  expect(run()).toBe('command one');
  expect(await build()).toBe(0);
});
