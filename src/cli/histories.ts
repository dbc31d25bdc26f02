/** Files with exported histories: the output of `Host.exportHistory`, one instance in each. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { parseJsonFile, readUtf8 } from './json-file.js';
import { CliError } from './problem.js';

const historySchema = z.looseObject({
  format: z.literal(1),
  instanceId: z.string(),
  name: z.string(),
  runtimeStatus: z.string(),
  events: z
    .array(
      z.looseObject({
        // Event types of DurableTask.Core; the replay checks which of them are supported.
        EventType: z.int().min(0).max(20),
        EventId: z.int32(),
        Timestamp: z.iso.datetime({ offset: true }),
        Input: z.string().nullish(),
        Result: z.string().nullish(),
      }),
    )
    .min(2),
});
const outputSchema = z.object({ outcome: z.string() });
const EXECUTION_COMPLETED = 1;

export interface HistoryFile {
  /** Its path in the folder, without `.json`; with slashes on every system. */
  readonly name: string;
  readonly path: string;
  readonly orchestrator: string;
  /** The outcome in the instance's output, or else its runtime status. */
  readonly outcome: string;
  readonly events: number;
  readonly history: unknown;
}

/**
 * Reads all histories of a folder and its subfolders, or one file, in the order of their names.
 * @throws CliError `history-unknown` if there is none, `history-invalid` for a file that is not a history.
 */
export function readHistories(path: string): readonly HistoryFile[] {
  if (path === '') throw none('The name of the folder or file is empty.');
  const place = resolve(path);
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) throw none(`There is no file or folder ${place}.`);
  if (!stat.isDirectory()) return [read(place, basename(place))];
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort();
  if (files.length === 0) throw none(`There is no history in ${place}.`);
  return files.map((file) => read(join(place, file), relative(place, join(place, file))));
}

function none(message: string): CliError {
  return new CliError(
    'history-unknown',
    message,
    'Name a folder of exported histories; those of the repository are in fixtures/histories.',
  );
}

function read(path: string, file: string): HistoryFile {
  const history = parseJsonFile(path, readUtf8(path, KIND), historySchema, KIND);
  const { name: orchestrator, runtimeStatus, events } = history;
  return {
    name: file
      .split(sep)
      .join('/')
      .replace(/\.json$/, ''),
    path,
    orchestrator,
    outcome: outcomeIn(events) ?? runtimeStatus,
    events: events.length,
    history,
  };
}

const KIND = {
  code: 'history-invalid',
  name: 'an exported history',
  next: 'Use a folder with exported histories only, or export the history again.',
};

function outcomeIn(events: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const result = events.findLast(({ EventType }) => EventType === EXECUTION_COMPLETED)?.Result;
  if (typeof result !== 'string') return undefined;
  try {
    return outputSchema.safeParse(JSON.parse(result)).data?.outcome;
  } catch {
    return undefined;
  }
}
