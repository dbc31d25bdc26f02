/** The embedded Functions host: what programs import as `#host`. */
export { virtualClock, wallClock } from './clock.js';
export type { Divergence, ExportedHistory, ReplayResult } from './durable/replay.js';
export { HostError, type HostErrorCode } from './errors.js';
export { startHost } from './host.js';
export { replayHistories, replayHistory } from './replay-history.js';
export type * from './types.js';
