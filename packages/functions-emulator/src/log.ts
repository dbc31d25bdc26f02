import type { LogLevel } from './types.js';

/** Writes one line to the host's log. */
export type Log = (level: LogLevel, category: string, message: string) => void;
