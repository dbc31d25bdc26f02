/**
 * Leases on running activities, so that a later start of the host does not run them again before the timeout. They
 * correspond to the hidden messages in the work-item queue of Azure Storage.
 */
import type { Store } from '../store/store.js';
import type { Clock } from '../types.js';
import type { ActivityWorkItem, DurableStore } from './durable-store.js';

/** Renewal interval of a running activity's message (DurableTask.Core, TaskActivityDispatcher). */
const RENEW_MS = 30_000;
/** When an aborted activity becomes available again (DurableTask.AzureStorage, TaskHubQueue.AbandonMessageAsync). */
const ABORTED_MS = 2000;

export interface ActivityLeaseOptions {
  readonly store: Store;
  readonly durableStore: DurableStore;
  readonly clock: Clock;
  /** 0 = no leases. */
  readonly timeoutMs: number;
}

export class ActivityLeases {
  readonly #renewals = new Map<ActivityWorkItem, () => void>();
  #isAborted = false;

  constructor(private readonly options: ActivityLeaseOptions) {}

  /** When the activity may start; in the past if it is not leased. */
  availableAt(work: ActivityWorkItem): number {
    return this.options.timeoutMs === 0 ? 0 : this.options.durableStore.leasedUntil(work);
  }

  /** Resolves once it is on disk that the work is being done. */
  async acquire(work: ActivityWorkItem): Promise<void> {
    const { clock, timeoutMs } = this.options;
    if (timeoutMs === 0) return;
    await this.#extend(work, timeoutMs);
    // A stop meanwhile has made it available again: a renewal would outlive the host.
    if (this.#isAborted) return;
    const renewLater = (): void => {
      const renew = (): void => {
        void this.#extend(work, timeoutMs).catch(() => undefined);
        renewLater();
      };
      this.#renewals.set(work, clock.at(clock.now() + RENEW_MS, renew));
    };
    renewLater();
  }

  /** Stops renewing; the lease is deleted when the turn that consumes the result is committed. */
  stopRenewal(work: ActivityWorkItem): void {
    this.#renewals.get(work)?.();
    this.#renewals.delete(work);
  }

  /** Makes running activities available again soon, and renews no more. Resolves once that is on disk. */
  async abort(works: readonly ActivityWorkItem[]): Promise<void> {
    this.#isAborted = true;
    for (const work of works) this.stopRenewal(work);
    await Promise.all(works.map((work) => this.#extend(work, ABORTED_MS)));
  }

  #extend(work: ActivityWorkItem, ms: number): Promise<void> {
    const { store, durableStore, clock } = this.options;
    return store.commit(() => durableStore.lease(work, clock.now() + ms));
  }
}
