import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { cli } from '../cli/run-cli.js';
import { repository, trackedFiles } from './repository.js';

const tracked = trackedFiles();
const text = (file: string) => readFileSync(repository(file), 'utf8');
const packageJson = JSON.parse(text('package.json')) as {
  scripts: Record<string, string>;
  bin: { responder: string };
};

/** Commands of the ```console blocks. */
function commandsOf(file: string): string[] {
  return [...text(file).matchAll(/```console\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split(/\n|&&/))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

describe('the commands of README.md and CONTRIBUTING.md', () => {
  const commands = [...new Set(['README.md', 'CONTRIBUTING.md'].flatMap(commandsOf))];

  it('are the ones that this suite knows', () => {
    const known = ['npm ci', 'npm run replay', 'npm start', 'npm start -- --teams', 'npm test'];
    expect(commands.sort()).toEqual(known);
  });

  it('name scripts that exist', () => {
    const named = [...`${text('README.md')}${text('CONTRIBUTING.md')}`.matchAll(/npm (?:run )?([a-z]+)/g)];
    const scripts = [...Object.keys(packageJson.scripts), 'ci'];
    for (const [, script = ''] of named.filter(([command]) => /npm (run|test|start)/.test(command))) {
      expect(scripts).toContain(script);
    }
  });

  it('name options that exist', async () => {
    const options = [...text('README.md').matchAll(/`(--[a-z-]+)/g)].map(([, option = '']) => option);
    const pages = [['start'], ['replay'], ['validate'], ['actions', 'run'], ['approvals', 'approve']];
    const help = await Promise.all(pages.map((page) => cli([...page, '--help'])));
    const known = help.map(({ stdout }) => stdout).join('\n');
    expect(options.length).toBeGreaterThan(10);
    for (const option of options) expect(known).toContain(option);
  });

  it('run `npx responder` by an executable file that no build replaces', () => {
    const program = packageJson.bin.responder;
    const [mode] = execFileSync('git', ['ls-files', '--stage', program], { cwd: repository('') })
      .toString()
      .split(' ');
    expect(mode).toBe('100755');
  });

  it('exit with the codes of the table', () => {
    const table = [...text('README.md').matchAll(/^\| +(\d+) +\|/gm)].map(([, code]) => Number(code));
    expect(table).toEqual(Object.values(exitCodes));
  });
});

describe('tracked files', () => {
  const texts = tracked.filter(
    (file) => !/^(package-lock\.json|test\/host\/conformance\/)/.test(file) && existsSync(repository(file)),
  );

  it('contain no local path and no registry', () => {
    const places = [/\/(home|Users|root)\/[a-z]/, /registry[.]npm/, /[.]debian[.]org/, /\bC:\\Users\\/];
    const found = texts.filter((file) => places.some((place) => place.test(text(file))));
    expect(found.filter((file) => file !== 'test/rules/repository.test.ts')).toEqual([]);
  });

  it('contain nothing unfinished', () => {
    const marks = /\b(TO[D]O|FIX[M]E)\b/;
    expect(texts.filter((file) => /\.(ts|mjs|cjs|md)$/.test(file) && marks.test(text(file)))).toEqual([]);
  });

  it('are at most 400 lines of source each', () => {
    const sources = texts.filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.includes('generated'));
    const long = sources.filter((file) => text(file).split('\n').length > 401);
    expect(long).toEqual([]);
  });

  it('link only to files that exist', () => {
    const broken = texts
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...text(file).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
          .map(([, target = '']) => join(dirname(file), target))
          .filter((target) => !existsSync(repository(target)))
          .map((target) => `${file} → ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('include nothing built or private', () => {
    const ignored = text('.gitignore').split(/\/?\r?\n/);
    for (const name of ['node_modules', 'dist', '.responder', 'local.settings.json']) {
      expect(ignored).toContain(name);
    }
    expect(tracked.filter((file) => /^(node_modules|dist|\.responder)\//.test(file))).toEqual([]);
  });
});
