/** Small things the host keeps across restarts: its keys, and when timers ran. */
import type { HostKeys } from './http/key-ring.js';
import type { Store } from './store/store.js';
import type { TimerStatus, TimerStore } from './triggers/timer-status.js';

export class HostKeyValueStore {
  readonly #read;
  readonly #write;

  constructor(private readonly store: Store) {
    store.define(
      'CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
    );
    this.#read = store.prepare('SELECT value FROM kept WHERE name = ?');
    this.#write = store.prepare(
      'INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
  }

  /** The keys of this data directory, made when it is new. */
  async keys(generate: () => HostKeys): Promise<HostKeys> {
    return JSON.parse(await this.secret('keys', () => JSON.stringify(generate()))) as HostKeys;
  }

  /** A text that is made once for each data directory. */
  async secret(name: string, make: () => string): Promise<string> {
    const known = this.#get(name);
    if (known !== undefined) return known;
    const made = make();
    await this.#set(name, made);
    return made;
  }

  get timers(): TimerStore {
    return {
      load: (name) => {
        const text = this.#get(`timer:${name}`);
        return text === undefined ? undefined : (JSON.parse(text) as TimerStatus);
      },
      // A failed write stops the host; no caller awaits this one.
      save: (name, status) => void this.#set(`timer:${name}`, JSON.stringify(status)).catch(() => undefined),
    };
  }

  #get(name: string): string | undefined {
    return (this.#read.get(name) as { value: string } | undefined)?.value;
  }

  #set(name: string, value: string): Promise<void> {
    return this.store.commit(() => {
      this.#write.run(name, value);
    });
  }
}
