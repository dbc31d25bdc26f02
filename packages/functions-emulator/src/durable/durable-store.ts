/** Where the durable half keeps its data: one row per instance, its history turn by turn, messages and open work. */
import type { Store } from '../store/store.js';
import type { RuntimeStatus } from '../types.js';
import { EventType, type HistoryEvent, type ParentInstance } from './history-events.js';

export interface InstanceRow {
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly status: RuntimeStatus;
  /** JSON text of a result, or the plain text of an error or a reason. */
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How often this id has been used before. */
  readonly generation: number;
  readonly parent: ParentInstance | null;
  /** Entities only: the scheduler's state as JSON text. */
  readonly entityState: string | null;
  /** The input that the status shows if the current one is null. */
  readonly earlierInput: string | null;
}

export interface InstanceQuery {
  readonly kind: 'orchestration' | 'entity';
  readonly prefix: string;
  /** Only ids after this one; empty = from the first. */
  readonly after: string;
  /** Empty = all. */
  readonly statuses: readonly string[];
  readonly createdFrom?: number | undefined;
  readonly createdTo?: number | undefined;
  /** -1 = without a limit */
  readonly limit: number;
}

export interface MessageRow {
  readonly id: number;
  readonly instanceId: string;
  readonly executionId: string | null;
  readonly visibleAt: number;
  /** When the next start of the host sees it, if it has been received by then. */
  readonly hiddenUntil?: number;
  /** The event as JSON text. */
  readonly text: string;
}

/** A scheduled activity. Stored with the turn that scheduled it; done once the history has its result. */
export interface ActivityWorkItem {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  /** JSON text, or null. */
  readonly input: string | null;
  /** Whether the first turn of its execution scheduled it. */
  readonly isNew: boolean;
}

/** The messages and activities to resume after a start. */
export interface RecoveryState {
  readonly messages: readonly MessageRow[];
  readonly workItems: readonly ActivityWorkItem[];
}

/** What one turn added to the history. */
export interface HistoryChunk {
  readonly turn: number;
  /** JSON texts joined by commas. */
  readonly events: string;
  /** The activities that it scheduled: JSON text of `[taskId, name, input][]`, or null. */
  readonly workItems: string | null;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS instances (
  id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL, output TEXT,
  custom_status TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL, generation INTEGER NOT NULL, parent TEXT,
  entity_state TEXT, earlier_input TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
  instance TEXT NOT NULL, turn INTEGER NOT NULL, events TEXT NOT NULL, work TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS history_of_instance ON history (instance, turn);
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY, instance TEXT NOT NULL, execution TEXT, visible_at INTEGER NOT NULL, event TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of_instance ON messages (instance);
CREATE TABLE IF NOT EXISTS leases (
  instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (instance, execution, task)
) WITHOUT ROWID;
`;

type Raw = Record<string, string | number | null>;

/** All SQL statements of the durable part. Write statements are called inside a commit only. */
export class DurableStore {
  readonly #store: Store;
  readonly #sql = new Map<string, ReturnType<Store['prepare']>>();

  constructor(store: Store) {
    this.#store = store;
    store.define(TABLES);
  }

  instance(id: string): InstanceRow | undefined {
    const row = this.#prepare('SELECT * FROM instances WHERE id = ?').get(id) as Raw | undefined;
    return row === undefined ? undefined : toInstance(row);
  }

  /** In the order of their ids. */
  find(query: InstanceQuery): InstanceRow[] {
    const { kind, prefix, after, statuses, createdFrom, createdTo } = query;
    const marks = statuses.map(() => '?').join(', ');
    const rows = this.#prepare(
      `SELECT * FROM instances
       WHERE id > ? AND substr(id, 1, ?) = ? AND created BETWEEN ? AND ?
       AND entity_state IS ${kind === 'entity' ? 'NOT NULL' : 'NULL'}
       ${statuses.length === 0 ? '' : `AND status IN (${marks})`} ORDER BY id LIMIT ?`,
    ).all(
      after,
      [...prefix].length,
      prefix,
      createdFrom ?? 0,
      createdTo ?? Number.MAX_SAFE_INTEGER,
      ...statuses,
      query.limit,
    ) as Raw[];
    return rows.map(toInstance);
  }

  saveInstance(row: InstanceRow): void {
    this.#prepare(
      `INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET execution = excluded.execution, name = excluded.name, version = excluded.version,
       status = excluded.status, output = excluded.output, custom_status = excluded.custom_status, created = excluded.created,
       updated = excluded.updated, generation = excluded.generation, parent = excluded.parent, entity_state = excluded.entity_state,
       earlier_input = excluded.earlier_input`,
    ).run(
      row.id,
      row.executionId,
      row.name,
      row.version,
      row.status,
      row.output,
      row.customStatus,
      row.createdAt,
      row.updatedAt,
      row.generation,
      row.parent === null ? null : JSON.stringify(row.parent),
      row.entityState,
      row.earlierInput,
    );
  }

  /** Turn by turn, in order. */
  history(instanceId: string, from = 0): HistoryChunk[] {
    return this.#prepare(
      'SELECT turn, events, work AS workItems FROM history WHERE instance = ? AND turn >= ? ORDER BY turn',
    ).all(instanceId, from) as HistoryChunk[];
  }

  /** The first chunk of an instance, which contains its start. */
  firstTurn(instanceId: string): HistoryChunk | undefined {
    return this.#prepare(
      'SELECT turn, events, work AS workItems FROM history WHERE instance = ? ORDER BY turn LIMIT 1',
    ).get(instanceId) as HistoryChunk | undefined;
  }

  addHistory(instanceId: string, row: HistoryChunk): void {
    this.#prepare('INSERT INTO history VALUES (?, ?, ?, ?)').run(
      instanceId,
      row.turn,
      row.events,
      row.workItems,
    );
  }

  dropHistory(instanceId: string): void {
    this.#prepare('DELETE FROM history WHERE instance = ?').run(instanceId);
  }

  #messages(): MessageRow[] {
    return (this.#prepare('SELECT * FROM messages ORDER BY id').all() as Raw[]).map(toMessage);
  }

  messagesOf(instanceId: string): MessageRow[] {
    return (
      this.#prepare('SELECT * FROM messages WHERE instance = ? ORDER BY id').all(instanceId) as Raw[]
    ).map(toMessage);
  }

  addMessage(row: MessageRow): void {
    this.#prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?)').run(
      row.id,
      row.instanceId,
      row.executionId,
      row.hiddenUntil ?? row.visibleAt,
      row.text,
    );
  }

  /** The next start of the host does not see the message before then. */
  setVisibleAt(id: number, until: number): void {
    this.#prepare('UPDATE messages SET visible_at = ? WHERE id = ?').run(until, id);
  }

  lease({ instanceId, executionId, taskId }: ActivityWorkItem, until: number): void {
    this.#prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)').run(
      instanceId,
      executionId,
      taskId,
      until,
    );
  }

  /** When the activity's lease ends; 0 = no lease. */
  leasedUntil({ instanceId, executionId, taskId }: ActivityWorkItem): number {
    const row = this.#prepare(
      'SELECT until FROM leases WHERE instance = ? AND execution = ? AND task = ?',
    ).get(instanceId, executionId, taskId) as { until: number } | undefined;
    return row?.until ?? 0;
  }

  dropLease(instanceId: string, executionId: string | null, taskId: number): void {
    this.#prepare('DELETE FROM leases WHERE instance = ? AND execution = ? AND task = ?').run(
      instanceId,
      executionId,
      taskId,
    );
  }

  dropMessage(id: number): void {
    this.#prepare('DELETE FROM messages WHERE id = ?').run(id);
  }

  /** Messages and activities that were pending when the process ended. */
  loadRecoveryState(): RecoveryState {
    return { messages: this.#messages(), workItems: this.#openWorkItems() };
  }

  /** Scheduled activities whose results are neither in the history nor among the messages. */
  #openWorkItems(): ActivityWorkItem[] {
    const rows = this.#prepare(
      `SELECT id, execution FROM instances WHERE status IN ('Running', 'Suspended') AND entity_state IS NULL`,
    ).all() as { id: string; execution: string }[];
    return rows.flatMap(({ id, execution }) =>
      openWorkItemsOf(id, execution, this.history(id), this.messagesOf(id)),
    );
  }

  /** Everything about an instance. */
  purge(instanceId: string): void {
    this.dropHistory(instanceId);
    this.#prepare('DELETE FROM messages WHERE instance = ?').run(instanceId);
    this.#prepare('DELETE FROM leases WHERE instance = ?').run(instanceId);
    this.#prepare('DELETE FROM instances WHERE id = ?').run(instanceId);
  }

  #prepare(sql: string): ReturnType<Store['prepare']> {
    let statement = this.#sql.get(sql);
    if (statement === undefined) {
      statement = this.#store.prepare(sql);
      this.#sql.set(sql, statement);
    }
    return statement;
  }
}

function openWorkItemsOf(
  instanceId: string,
  executionId: string,
  turns: HistoryChunk[],
  messages: MessageRow[],
): ActivityWorkItem[] {
  if (turns.every(({ workItems }) => workItems === null)) return [];
  const events = JSON.parse(
    `[${[...turns.map((turn) => turn.events), ...messages.map(({ text }) => text)].join(',')}]`,
  ) as HistoryEvent[];
  const done = new Set(
    events.flatMap((event) =>
      event.EventType === EventType.TaskCompleted || event.EventType === EventType.TaskFailed
        ? [event.TaskScheduledId]
        : [],
    ),
  );
  return turns
    .flatMap(({ turn, workItems }) =>
      workItems === null
        ? []
        : (JSON.parse(workItems) as [number, string, string | null][]).map(([taskId, name, input]) => {
            return { instanceId, executionId, taskId, name, input, isNew: turn === 0 };
          }),
    )
    .filter(({ taskId }) => !done.has(taskId));
}

const text = (value: string | number | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

function toInstance(row: Raw): InstanceRow {
  const parent = text(row.parent);
  return {
    id: String(row.id),
    executionId: String(row.execution),
    name: String(row.name),
    version: text(row.version),
    status: String(row.status) as RuntimeStatus,
    output: text(row.output),
    customStatus: text(row.custom_status),
    createdAt: Number(row.created),
    updatedAt: Number(row.updated),
    generation: Number(row.generation),
    parent: parent === null ? null : (JSON.parse(parent) as ParentInstance),
    entityState: text(row.entity_state),
    earlierInput: text(row.earlier_input),
  };
}

function toMessage(row: Raw): MessageRow {
  return {
    id: Number(row.id),
    instanceId: String(row.instance),
    executionId: text(row.execution),
    visibleAt: Number(row.visible_at),
    text: String(row.event),
  };
}
