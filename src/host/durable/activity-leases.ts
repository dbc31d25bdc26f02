/**
 * Holds what an activity is run for, so that no later start of the host runs it again before the time-out: what the
 * work-item queue of Azure Storage does by hiding its message.
 */
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { ActivityWorkItem, DurableStore } from './durable-store.js';

/** How often a running activity's message is hidden again (DurableTask.Core, TaskActivityDispatcher). */
const RENEW_MS = 30_000;
/** When an activity comes back that was aborted (DurableTask.AzureStorage, TaskHubQueue.AbandonMessageAsync). */
const ABORTED_MS = 2000;

export interface ActivityLeaseOptions {
  readonly store: Store;
  readonly durableStore: DurableStore;
  readonly clock: Clock;
  /** 0 = nothing is held. */
  readonly timeoutMs: number;
}

export class ActivityLeases {
  readonly #renewals = new Map<ActivityWorkItem, () => void>();

  constructor(private readonly options: ActivityLeaseOptions) {}

  /** When the work may begin; in the past if nobody holds it. */
  availableAt(work: ActivityWorkItem): number {
    return this.options.timeoutMs === 0 ? 0 : this.options.durableStore.leasedUntil(work);
  }

  /** Resolves once it is on disk that the work is being done. */
  async acquire(work: ActivityWorkItem): Promise<void> {
    const { clock, timeoutMs } = this.options;
    if (timeoutMs === 0) return;
    await this.#extend(work, timeoutMs);
    const renewLater = (): void => {
      const renew = (): void => {
        void this.#extend(work, timeoutMs).catch(() => undefined);
        renewLater();
      };
      this.#renewals.set(work, clock.at(clock.now() + RENEW_MS, renew));
    };
    renewLater();
  }

  /** No longer renewed; gone once the turn that takes the result is on disk. */
  stopRenewal(work: ActivityWorkItem): void {
    this.#renewals.get(work)?.();
    this.#renewals.delete(work);
  }

  /** What was being done may be done again soon. Resolves once that is on disk. */
  async abort(works: readonly ActivityWorkItem[]): Promise<void> {
    for (const work of works) this.stopRenewal(work);
    await Promise.all(works.map((work) => this.#extend(work, ABORTED_MS)));
  }

  #extend(work: ActivityWorkItem, ms: number): Promise<void> {
    const { store, durableStore, clock } = this.options;
    return store.commit(() => durableStore.lease(work, clock.now() + ms));
  }
}
