/** What is purged is exported, summarised and unchanged: a fake task hub, which an incident may use at the same time. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { exportAndPurge } from '../../src/app/export-and-purge.js';
import type { Instance } from '../../src/app/incident-instances.js';
import type { EarlierRun } from '../../src/domain/case-file.js';
import type { CaseRecord } from '../../src/domain/case-record.js';

const ID = `incident-${'0'.repeat(40)}`;
const AT = '2026-03-10T08:12:00.000Z';
const listed: Instance = {
  instanceId: ID,
  runtimeStatus: 'Completed',
  createdAt: AT,
  lastUpdatedAt: AT,
  status: undefined,
  notOurs: false,
};
const record = (generation: number) =>
  ({
    file: { instanceId: ID, generation, receivedAt: AT, effects: [], approvals: [], outcome: 'no-playbook' },
  }) as unknown as CaseRecord;

/** @param kept generations with a summary. @param now the instance when it is looked at again */
async function purged(kept: readonly number[], now: Partial<Instance> | undefined) {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const done: string[] = [];
  await exportAndPurge(
    listed,
    {
      runsOf: async () => ({
        kept: kept.map((generation) => ({ generation }) as EarlierRun),
        records: [record(1), record(2)],
      }),
      find: async () => (now === undefined ? undefined : { ...listed, ...now }),
      keepRun: async (_, { generation }) => void done.push(`keep ${generation}`),
      endReliance: async ({ file }) => void done.push(`end ${file.generation}`),
      purge: async (_, generations) => {
        expect(readdirSync(directory)).toEqual([`${ID}.1.json`, `${ID}.2.json`]);
        done.push(`purge ${generations.join()}`);
      },
    },
    () => directory,
  );
  return done;
}

it('purges what is exported and summarised, each run by its generation', async () => {
  expect(await purged([1, 2], {})).toEqual(['end 1', 'end 2', 'purge 1,2']);
});

it('purges nothing before the summary of each run is stored', async () => {
  expect(await purged([], {})).toEqual(['keep 1', 'keep 2']);
  expect(await purged([1], {})).toEqual(['keep 2']);
});

it.each<[string, Partial<Instance> | undefined]>([
  ['has begun its next run', { runtimeStatus: 'Running', lastUpdatedAt: AT }],
  ['is about to', { runtimeStatus: 'Pending' }],
  ['has ended its next run', { lastUpdatedAt: '2026-04-10T08:12:00.000Z' }],
  ['is not there any more', undefined],
])('purges nothing of an instance that %s', async (_what, now) => {
  expect(await purged([1, 2], now)).toEqual([]);
});
