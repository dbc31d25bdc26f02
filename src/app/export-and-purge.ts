/** Exports the runs of an ended instance, and then purges it with their case files. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseRecord } from '../domain/case-record.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
import { isRunning } from './run-end.js';

type Purgeable = Pick<IncidentInstances, 'find' | 'runsOf' | 'keepRun' | 'endReliance' | 'purge'>;

/** @param instance as it was listed; it may have begun its next run since */
export async function exportAndPurge(
  instance: Instance,
  instances: Purgeable,
  folderOf: (record: CaseRecord) => string,
): Promise<void> {
  const { instanceId } = instance;
  const { kept, records } = await instances.runsOf(instanceId);
  for (const record of records) exportRecord(folderOf(record), instance, record);
  const unknown = records.filter(
    ({ file }) => !kept.some(({ generation }) => generation === file.generation),
  );
  for (const { file } of unknown) await instances.keepRun(instanceId, earlierRunOf(file));
  // Signals are asynchronous: the next pass checks that they were processed, and purges then.
  if (unknown.length > 0) return;
  // A delivery may have begun the next run meanwhile.
  const now = await instances.find(instanceId);
  if (now === undefined || isRunning(now) || now.lastUpdatedAt !== instance.lastUpdatedAt) return;
  for (const record of records) await instances.endReliance(record);
  await instances.purge(
    instanceId,
    records.map(({ file }) => file.generation),
  );
}

function exportRecord(directory: string, instance: Instance, record: CaseRecord): void {
  const { instanceId, generation } = record.file;
  const { runtimeStatus, createdAt, lastUpdatedAt } = instance;
  const content = { format: 1, runtimeStatus, createdAt, lastUpdatedAt, ...record };
  exportFile(directory, `${instanceId}.${generation}.json`, content);
}

/**
 * Writes a JSON file, atomically. Replaces the file of an earlier pass, because channels and other incidents may have
 * added to a case file since.
 */
export function exportFile(directory: string, name: string, content: object): void {
  const path = join(directory, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, JSON.stringify(content), { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
