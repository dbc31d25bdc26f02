import { Listr } from 'listr2';
import type { Paint } from '../terminal.js';
import type { EnrichmentRow, ProgressEvent } from './progress-events.js';
import { rowText } from './text.js';

interface PendingRow {
  readonly end: (progress: ProgressEvent | undefined) => void;
  readonly ended: Promise<ProgressEvent | undefined>;
}

/** One incident's enrichments as parallel rows, each with a spinner and then its duration. */
export class EnrichmentRows {
  readonly #open = new Map<string, PendingRow>();
  /** Resolves when every row has ended; never rejects. */
  readonly done: Promise<void>;

  constructor(
    private readonly instanceId: string,
    rows: readonly EnrichmentRow[],
    paint: Paint,
  ) {
    for (const row of rows) {
      let end: PendingRow['end'] = () => undefined;
      const ended = new Promise<ProgressEvent | undefined>((resolve) => {
        end = resolve;
      });
      this.#open.set(row.id, { end, ended });
    }
    const list = new Listr(
      rows.map((row) => ({
        title: rowText(row),
        task: async (_context: unknown, task: { title: string }) => {
          const progress = await this.#open.get(row.id)?.ended;
          if (progress?.kind === 'enriched') {
            task.title = `${rowText(row, progress.durationMs)}  ${paint('dim', progress.brief)}`;
          } else if (progress?.kind === 'not-enriched') {
            task.title = `${rowText(row, progress.durationMs)}  ${progress.error}`;
            throw new Error(progress.error);
          }
        },
      })),
      {
        concurrent: true,
        exitOnError: false,
        rendererOptions: { showErrorMessage: false, collapseErrors: false, collapseSubtasks: false },
        registerSignalListeners: false,
      },
    );
    this.done = list.run().then(
      () => undefined,
      () => undefined,
    );
  }

  /** Returns true if the event is about one of these rows. A repeated task shows its first result. */
  take(progress: ProgressEvent): boolean {
    if (progress.instanceId !== this.instanceId) return false;
    if (progress.kind === 'enriched' || progress.kind === 'not-enriched') {
      const open = this.#open.get(progress.row.id);
      open?.end(progress);
      return open !== undefined;
    }
    // The incident continued without the remaining rows.
    if (progress.kind === 'decided' || progress.kind === 'ended' || progress.kind === 'broken')
      this.abandon();
    return false;
  }

  abandon(): void {
    for (const { end } of this.#open.values()) end(undefined);
  }
}
