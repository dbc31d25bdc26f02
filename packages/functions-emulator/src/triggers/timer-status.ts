/** When a timer last ran and next runs, as ISO 8601 texts. Persisted across restarts. */
export interface TimerStatus {
  readonly last: string;
  readonly next: string;
  readonly lastUpdated: string;
}
export interface TimerStore {
  load(functionName: string): TimerStatus | undefined;
  save(functionName: string, status: TimerStatus): void;
}
