/** Times and periods as text; the same in every channel. Times are ISO 8601 in UTC, periods in milliseconds. */

/** `2026-03-10 08:12 UTC`. */
export function shortTime(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso);
  return parts ? `${parts[1]} ${parts[2]} UTC` : iso;
}

/** `2026-03-10`. */
export function dateOf(iso: string): string {
  return iso.slice(0, 10);
}

/** `08:12:05`. */
export function clockTime(iso: string): string {
  return /T(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? iso;
}

const ISO_IN_TEXT = /\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?Z/g;

/** Replaces times like `2026-03-10T08:12:05.123Z` in a text with `2026-03-10 08:12:05 UTC`. */
export function readable(text: string): string {
  return text.replace(
    ISO_IN_TEXT,
    (_, date: string, minutes: string, seconds: string | undefined) =>
      `${date} ${minutes}${seconds === undefined || seconds === ':00' ? '' : seconds} UTC`,
  );
}

/** `340 ms`, `4.2 s`, `12 s`, `4 min 10 s`, `3 h 59 min`, `2 d 3 h`: the two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return ms < 10_000 ? `${Number((ms / 1000).toFixed(1))} s` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? two(hours, 'h', minutes % 60, 'min')
    : two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** The period from one time to another, in whole seconds: `4 min 10 s`. Undefined if a time is missing. */
export function between(from: string | undefined, to: string | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? undefined : wholeSeconds(ms);
}

function wholeSeconds(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds === 0 ? '0 s' : duration(seconds * 1000);
}

/** `3 h 59 min left`, `45 s left`, `expired`. @param now milliseconds since 1970 (UTC). */
export function timeLeft(expiresAt: string, now: number): string {
  const ms = Date.parse(expiresAt) - now;
  return ms >= 1000 ? `${wholeSeconds(ms)} left` : 'expired';
}

/** `2 min ago`, `just now`. @param now milliseconds since 1970 (UTC). */
export function ago(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  return ms >= 1000 ? `${wholeSeconds(ms)} ago` : 'just now';
}

/** `1 step`, `3 steps`, `no steps`. */
export function count(n: number, noun: string): string {
  return `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;
}
