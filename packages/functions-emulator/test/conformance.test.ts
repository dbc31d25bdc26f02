/** Recordings of the real host can be played from any folder, so they may be kept outside the repository. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** A corpus of one scenario, in a folder from which no package can be resolved. */
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

const play = promisify(execFile);
async function report(folder: string): Promise<string> {
  const run = join(ours, 'run.mjs');
  const { stdout } = await play(process.execPath, [run, folder, '--once']).catch(
    (ended: { stdout: string }) => ended,
  );
  return stdout;
}

test.each([
  { corpus: 'durable', scenario: 'activity-results', besides: [] },
  { corpus: 'functions', scenario: 'http-query', besides: ['profiles.json'] },
])(
  'plays a $corpus recording outside the project',
  async ({ corpus, scenario, besides }) => {
    expect(await report(corpusOf(corpus, scenario, besides))).toBe(
      `same        ${scenario}\n1 same, 0 different, 0 different on purpose\n`,
    );
  },
  60_000,
);

/** Changes the recording of an exchange, as if the real host had answered otherwise. */
function record(folder: string, scenario: string, exchange: number, changes: object): void {
  const file = join(folder, 'recorded', `${scenario}.json`);
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as { exchanges: { response: object }[] };
  Object.assign(recorded.exchanges[exchange]?.response ?? {}, changes);
  writeFileSync(file, JSON.stringify(recorded));
}

test('a difference on purpose is one field of a response: any other difference in its scenario counts', async () => {
  const scenario = 'http-methods-refused';
  const folder = corpusOf('functions', scenario, ['profiles.json']);
  expect(await report(folder)).toMatch(/^on purpose .*\n0 same, 0 different, 1 different on purpose\n$/);
  // The response whose length differs on purpose, and one without such a rule.
  for (const [exchange, changes] of [
    [11, { reason: 'Fine' }],
    [8, { status: 410 }],
  ] as const) {
    const changed = corpusOf('functions', scenario, ['profiles.json']);
    record(changed, scenario, exchange, changes);
    const [field] = Object.keys(changes);
    const lines = await report(changed);
    expect(lines).toContain(`different   ${scenario}\n`);
    expect(lines.match(/ +\/\S+: recorded/g)).toEqual([
      `            /exchanges/${exchange}/response/${field}: recorded`,
    ]);
    expect(lines).toContain('0 same, 1 different, 0 different on purpose');
  }
}, 120_000);
