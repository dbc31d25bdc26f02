/** The app's only source of time. A host with its own clock publishes it under a well-known symbol. */
const SYMBOL = Symbol.for('durable-host.clock');

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const clock: Clock = {
  now: () => (hostClock() ?? Date).now(),
};

/** Real elapsed milliseconds, for callers that wait on a socket: their time is never virtual. */
export const stopwatch = (): number => performance.now();

/** Whether the process runs on the embedded host, the only host that publishes a clock. */
export function isEmbeddedHost(): boolean {
  return hostClock() !== undefined;
}

function hostClock(): Clock | undefined {
  const found: unknown = Reflect.get(globalThis, SYMBOL);
  return typeof found === 'object' && found !== null && 'now' in found && typeof found.now === 'function'
    ? (found as Clock)
    : undefined;
}
