/** Recordings of the real host can be played from any folder: those who record them keep them where they like. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';

const ours = fileURLToPath(new URL('conformance/', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A corpus of one scenario, in a folder from which no package can be found. */
function corpusOf(corpus: string, scenario: string, besides: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  folders.push(folder);
  for (const name of ['app', ...besides])
    cpSync(join(ours, corpus, name), join(folder, name), { recursive: true });
  for (const part of ['scenarios', 'recorded']) {
    mkdirSync(join(folder, part));
    cpSync(join(ours, corpus, part, `${scenario}.json`), join(folder, part, `${scenario}.json`));
  }
  return folder;
}

test.each([
  { corpus: 'durable', scenario: 'activity-results', besides: [] },
  { corpus: 'functions', scenario: 'http-query', besides: ['profiles.json'] },
])(
  'plays a $corpus recording that lies outside the project',
  async ({ corpus, scenario, besides }) => {
    const run = join(ours, 'run.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [
      run,
      corpusOf(corpus, scenario, besides),
    ]);
    expect(stdout).toBe(`same        ${scenario}\n1 same, 0 different, 0 different on purpose\n`);
  },
  60_000,
);
