import { textOf } from './text.js';

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: (AM|PM))?$/i;

/**
 * Converts the services' time formats to ISO 8601 in UTC with milliseconds. A time without a zone is UTC (JavaScript
 * would read it as local time). Undefined if it is not a time, or is the services' year-1 value for "never".
 */
export function utcTime(value: unknown): string | undefined {
  return timeOf(value)?.iso;
}

/** The same time in units of 100 ns since 1970, as decimal digits. Two changes may differ in these alone. */
export function ticksOf(value: unknown): string | undefined {
  const time = timeOf(value);
  if (time === undefined) return undefined;
  const below = time.fraction.padEnd(7, '0').slice(3, 7);
  return String(BigInt(Date.parse(time.iso)) * 10_000n + BigInt(below));
}

function timeOf(value: unknown): { readonly iso: string; readonly fraction: string } | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = iso;
    const millis = Number(fraction.padEnd(3, '0').slice(0, 3));
    const parts = [year, month, day, hour, minute, second].map(Number);
    return withFraction(instant(parts, millis, offsetMinutes(zone)), fraction);
  }
  const american = AMERICAN.exec(text);
  if (american) {
    const [, month, day, year, hour, minute, second, half = ''] = american;
    const parts = [year, month, day, hours(Number(hour), half), minute, second].map(Number);
    return withFraction(instant(parts, 0, 0), '');
  }
  return undefined;
}

const withFraction = (iso: string | undefined, fraction: string) =>
  iso === undefined ? undefined : { iso, fraction };

/** 12 AM is midnight, and 12 PM is noon. */
function hours(hour: number, half: string): number {
  if (half === '') return hour;
  return (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

function instant(parts: readonly number[], millis: number, offset: number): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (year < 1900 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  return new Date(local - offset * 60_000).toISOString();
}

function offsetMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(/[^\d]/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}
