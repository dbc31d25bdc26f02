/** The real host's JSON reader: how deep it reads, and how it turns texts that look like dates into dates and writes them. */

/** Maximum nesting depth. https://www.newtonsoft.com/json/help/html/P_Newtonsoft_Json_JsonReader_MaxDepth.htm */
export const MAX_DEPTH = 64;

const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d(?::?\d\d)?)?$/;
/** Microsoft's JSON date format before ISO 8601; with a zone, it is local time. */
const ticks = /^\/Date\((-?\d{1,15})([+-]\d{4})?\)\/$/;

/** Normalises the dates in a parsed JSON value: zones become UTC, fractions lose their trailing zeros. */
export function rewriteDates(value: unknown): unknown {
  if (typeof value === 'string') return rewrite(value);
  if (Array.isArray(value)) return value.map(rewriteDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewriteDates(inner)]));
}

/** A date as .NET writes it without a culture, in UTC; undefined for another text. */
export function invariantDate(text: string): string | undefined {
  if (!iso.test(text.replace(/z$/, 'Z')) && !ticks.test(text)) return undefined;
  const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T([\d:]{8})/.exec(rewrite(text)) ?? [];
  return year === undefined ? undefined : `${month}/${day}/${year} ${time}`;
}

function rewrite(text: string): string {
  const [, ms, offset] = ticks.exec(text) ?? [];
  if (ms !== undefined) return written(Number(ms), '', offset === undefined ? 'Z' : '+00:00') ?? text;
  const [, moment, fraction = '', zone = ''] = iso.exec(text.replace(/z$/, 'Z')) ?? [];
  if (moment === undefined) return text;
  const offsetOf = zone.length === 3 ? `${zone}:00` : zone;
  const at = Date.parse(`${moment}${zone === '' ? 'Z' : offsetOf}`);
  return written(at, fraction, zone === 'Z' || zone === '' ? zone : '+00:00') ?? text;
}

function written(at: number, fraction: string, suffix: string): string | undefined {
  if (Number.isNaN(at) || Math.abs(at) > 8.64e15) return undefined;
  const whole = new Date(at).toISOString();
  const digits = (fraction === '' ? whole.slice(20, 23) : fraction).replace(/0{1,7}$/, '');
  return whole.slice(0, 19) + (digits === '' ? '' : `.${digits}`) + suffix;
}
