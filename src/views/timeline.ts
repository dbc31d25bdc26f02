/** The timeline of a case, by day. */
import type { TimelineEntry } from '../domain/case-file.js';
import { between, clockTime, dateOf, readable } from './words/time.js';

export interface TimelineDay {
  /** `2026-03-10`, in UTC. */
  readonly date: string;
  readonly entries: readonly TimelineLine[];
}
export interface TimelineLine {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `08:12:05`, in UTC. */
  readonly time: string;
  /** Since the incident was received: `4 min 10 s`. Undefined at the same second. */
  readonly after: string | undefined;
  readonly text: string;
}

/** @param receivedAt ISO 8601, UTC. */
export function timelineDays(entries: readonly TimelineEntry[], receivedAt: string): TimelineDay[] {
  const days = new Map<string, TimelineLine[]>();
  for (const { at, text } of entries) {
    const after = between(receivedAt, at);
    const line = {
      at,
      time: clockTime(at),
      after: after === '0 s' ? undefined : after,
      text: readable(text),
    };
    days.set(dateOf(at), [...(days.get(dateOf(at)) ?? []), line]);
  }
  return [...days].map(([date, lines]) => ({ date, entries: lines }));
}
