/** When a timer ran last and should run next, as ISO 8601 texts. Kept across restarts by whoever owns the data directory. */
export interface TimerStatus {
  readonly last: string;
  readonly next: string;
  readonly lastUpdated: string;
}
export interface TimerStore {
  load(functionName: string): TimerStatus | undefined;
  save(functionName: string, status: TimerStatus): void;
}
