/** Replays recorded histories against an app, and prints which of them diverge. */
import { join, resolve } from 'node:path';
import type { ReplayResult } from 'functions-emulator';
import { exitCodes } from './exit-codes.js';
import { type HistoryFile, readHistories } from './histories.js';
import { packageDirectory } from './package-directory.js';
import { table } from './replay/table.js';
import { NO_CALLS_SETTINGS } from './responder.js';
import { stripControl } from './strip-control.js';
import { openTerminal, type Terminal } from './terminal.js';

export interface CheckOptions {
  readonly app?: string;
  readonly json?: boolean;
}
interface Row {
  readonly file: HistoryFile;
  readonly result: ReplayResult;
}

export async function checkHistories(path: string | undefined, options: CheckOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const files = readHistories(path ?? join(packageDirectory, 'fixtures/histories'));
  const { replayHistories } = await import('functions-emulator');
  const results = await replayHistories(
    options.app === undefined ? packageDirectory : resolve(options.app),
    files.map(({ history }) => history),
    NO_CALLS_SETTINGS,
  );
  const rows = results.flatMap((result, i) => {
    const file = files[i];
    return file === undefined ? [] : [{ file, result }];
  });
  print(rows, terminal);
  process.exitCode = rows.every(({ result }) => result.same) ? exitCodes.ok : exitCodes.differs;
}

function print(rows: readonly Row[], terminal: Terminal): void {
  if (terminal.json) {
    for (const { file, result } of rows) {
      const { name, orchestrator, outcome, events } = file;
      const { same, divergence } = result;
      terminal.data({
        history: name,
        orchestrator,
        outcome,
        events,
        same,
        ...(divergence && { divergence }),
      });
    }
    return;
  }
  const cells = rows.map(({ file: { name, outcome, events }, result: { divergence } }) => [
    stripControl(name),
    stripControl(outcome),
    String(events),
    divergence === undefined ? 'same' : `diverges at event ${divergence.index}`,
  ]);
  for (const line of table([['HISTORY', 'OUTCOME', 'EVENTS', 'RESULT'], ...cells])) terminal.line(line);
  for (const { file, result } of rows) {
    if (result.divergence === undefined) continue;
    const { index, eventId, expected, found, stillDone } = result.divergence;
    terminal.line();
    terminal.line(`${stripControl(file.name)}, event ${index} (task ${eventId}):`);
    terminal.line(`  history has  ${stripControl(expected)}`);
    terminal.line(`  code does    ${stripControl(found)}`);
    if (stillDone.length > 0) terminal.line(`  Azure would still run: ${stripControl(stillDone.join(', '))}`);
  }
}
