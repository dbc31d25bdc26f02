import { textOf } from './text.js';

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{2}):(\d{2}):(\d{2})$/;

/**
 * Converts the services' time formats to ISO 8601 in UTC with milliseconds. A time without a zone is UTC (JavaScript
 * would read it as local time). Undefined if it is not a time, or is the services' year-1 value for "never".
 */
export function utcTime(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = iso;
    const millis = Number(fraction.padEnd(3, '0').slice(0, 3));
    return instant([year, month, day, hour, minute, second].map(Number), millis, offsetMinutes(zone));
  }
  const american = AMERICAN.exec(text);
  if (american) {
    const [, month, day, year, hour, minute, second] = american;
    return instant([year, month, day, hour, minute, second].map(Number), 0, 0);
  }
  return undefined;
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
