export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';

/** Writes one line to the host's log. */
export type Log = (level: LogLevel, category: string, message: string) => void;
