/** The embedded Functions host: what programs import as `#host`. */
export { virtualClock, wallClock } from './clock.js';
export { HostError, type HostErrorCode } from './errors.js';
export { startHost } from './host.js';
export type * from './types.js';
