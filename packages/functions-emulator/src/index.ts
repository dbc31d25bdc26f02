/** The embedded Functions host: what programs import as `functions-emulator`. */
import type * as replaying from './replay-history.js';

export { virtualClock, wallClock } from './clock.js';
export { HostError, type HostErrorCode } from './errors.js';
export { startHost } from './host.js';
export { type StorageCounter, type StorageTotals, storageCounter } from './storage-counter.js';
// Not `export type *`, which the TypeScript 4 of new apps cannot read.
export * from './types.js';
export { WarmThreads } from './worker/warm-threads.js';

// Loaded when needed: the start of a host does not wait for it.
export const replayHistories: typeof replaying.replayHistories = async (...given) =>
  (await import('./replay-history.js')).replayHistories(...given);
export const replayHistory: typeof replaying.replayHistory = async (...given) =>
  (await import('./replay-history.js')).replayHistory(...given);
