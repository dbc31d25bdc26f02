import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { fixtureDirectory, fixtureNames } from '../../src/cli/fixture.js';
import { cli, npm, temporaryDirectory } from '../cli/run-cli.js';
import { directory } from './fixture.js';

it('npm run replay: every fixture ends offline with the expected result', async () => {
  const { code, stdout } = await npm(['run', 'replay']);
  expect(stdout).toContain('same');
  expect(code).toBe(0);
});

it('a replay gives the same result each time', async () => {
  const results = [];
  for (let turn = 0; turn < 2; turn++) {
    const { stdout } = await cli(['replay', basename(directory), '--json']);
    const { result, same } = JSON.parse(stdout) as { result: unknown; same: boolean };
    expect(same).toBe(true);
    results.push(result);
  }
  expect(results[0]).toEqual(results[1]);
});

it.each(fixtureNames())(
  'a new recording of %s has the same bytes as the one in the repository',
  async (name) => {
    const copy = temporaryDirectory();
    const recorded = fixtureDirectory(name);
    cpSync(recorded, copy.path, { recursive: true });
    expect(await cli(['replay', '--record', copy.path])).toMatchObject({ code: 0 });
    for (const file of ['exchanges.har', 'expected.json']) {
      expect(readFileSync(join(copy.path, file), 'utf8')).toBe(readFileSync(join(recorded, file), 'utf8'));
    }
    copy.remove();
  },
);
