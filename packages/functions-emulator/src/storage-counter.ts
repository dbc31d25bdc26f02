/** Adds up what `Introspection.onStorage` reports. */
import type { StorageObserver } from './durable/storage-requests.js';
import type { StorageRequestKind } from './types.js';

export interface StorageTotals {
  /** How many requests of each kind; kinds that did not occur are not there. */
  readonly requests: Readonly<Partial<Record<StorageRequestKind, number>>>;
  /** All of them together: the work, without polls of queues. */
  readonly work: number;
  readonly historyRows: number;
  readonly historyBytes: number;
  /** Written to the table Instances. */
  readonly instanceBytes: number;
}

export interface StorageCounter {
  /** To be given to `startHost` as `introspection.onStorage`. */
  readonly observe: StorageObserver;
  /** Totals so far, of the instances that `which` selects (default: all). */
  totals(which?: (instanceId: string) => boolean): StorageTotals;
}

export function storageCounter(): StorageCounter {
  const seen: Parameters<StorageObserver>[0][] = [];
  return {
    observe: (request) => void seen.push(request),
    totals(which = () => true) {
      const requests: Partial<Record<StorageRequestKind, number>> = {};
      let [work, historyRows, historyBytes, instanceBytes] = [0, 0, 0, 0];
      for (const { kind, instanceId, rows, bytes } of seen) {
        if (!which(instanceId)) continue;
        requests[kind] = (requests[kind] ?? 0) + 1;
        work += 1;
        historyRows += rows;
        if (kind === 'history-write') historyBytes += bytes;
        if (kind === 'instance-write' || kind === 'instance-insert') instanceBytes += bytes;
      }
      return { requests, work, historyRows, historyBytes, instanceBytes };
    },
  };
}
