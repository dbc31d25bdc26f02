import { Listr } from 'listr2';
import type { Paint } from '../terminal.js';
import type { Fact, Row } from './facts.js';
import { rowText } from './text.js';

interface Open {
  readonly end: (fact: Fact | undefined) => void;
  readonly ended: Promise<Fact | undefined>;
}

/** One incident's enrichments as parallel rows, each with a spinner and then its duration. */
export class EnrichmentRows {
  readonly #open = new Map<string, Open>();
  /** Resolves when every row has ended; never rejects. */
  readonly done: Promise<void>;

  constructor(
    private readonly instanceId: string,
    rows: readonly Row[],
    paint: Paint,
  ) {
    for (const row of rows) {
      let end: Open['end'] = () => undefined;
      const ended = new Promise<Fact | undefined>((resolve) => {
        end = resolve;
      });
      this.#open.set(row.id, { end, ended });
    }
    const list = new Listr(
      rows.map((row) => ({
        title: rowText(row),
        task: async (_context: unknown, task: { title: string }) => {
          const fact = await this.#open.get(row.id)?.ended;
          if (fact?.kind === 'enriched') {
            task.title = `${rowText(row, fact.durationMs)}  ${paint('dim', fact.brief)}`;
          } else if (fact?.kind === 'not-enriched') {
            task.title = `${rowText(row, fact.durationMs)}  ${fact.error}`;
            throw new Error(fact.error);
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

  /** True when the fact was about one of these rows. A leg that is tried again keeps its first answer. */
  take(fact: Fact): boolean {
    if (fact.instanceId !== this.instanceId) return false;
    if (fact.kind === 'enriched' || fact.kind === 'not-enriched') {
      const open = this.#open.get(fact.row.id);
      open?.end(fact);
      return open !== undefined;
    }
    // The incident went on without the rest: those rows were too late.
    if (fact.kind === 'decided' || fact.kind === 'ended' || fact.kind === 'broken') this.abandon();
    return false;
  }

  abandon(): void {
    for (const { end } of this.#open.values()) end(undefined);
  }
}
