import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
  write('src/cli/index.ts', 'export const cli = 1 as const;\n');
  for (const name of ['functions-emulator', 'tenant-simulator'])
    write(`packages/${name}/src/index.ts`, `export const name = '${name}';\n`);
});
afterEach(() => project.remove());

it('makes a file of each source and a bundle of the app, and nothing when nothing changed', async () => {
  expect(await build()).toBe(5);
  expect(readFileSync(at('dist/app.js'), 'utf8')).toContain('"one"');
  for (const file of ['dist/src/cli/index.js', 'packages/tenant-simulator/dist/index.js'])
    expect(existsSync(at(file))).toBe(true);
  expect(await build()).toBe(0);
});

it('builds what changed, what was lost, and removes what has no source', async () => {
  await build();
  write('src/domain/word.ts', "export const word: string = 'another';\n");
  expect(await build()).toBe(1);
  expect(readFileSync(at('dist/app.js'), 'utf8')).toContain('"another"');

  rmSync(at('dist/src/domain/word.js'));
  rmSync(at('dist/app.js'));
  expect(await build()).toBe(1);
  expect(existsSync(at('dist/app.js'))).toBe(true);

  rmSync(at('src/cli/index.ts'));
  await build();
  expect(existsSync(at('dist/src/cli/index.js'))).toBe(false);
});

it('leaves what was built as it is where a source is wrong', async () => {
  await build();
  write('src/domain/word.ts', 'export const word = ;\n');
  await expect(build()).rejects.toThrow(/word\.ts/);
  expect(readFileSync(at('dist/app.js'), 'utf8')).toContain('"one"');
  write('src/domain/word.ts', "export const word: string = 'third';\n");
  expect(await build()).toBe(1);
});
