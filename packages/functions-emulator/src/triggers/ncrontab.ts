/**
 * NCRONTAB expressions as timer triggers take them: `{second} {minute} {hour} {day} {month} {day of week}`, the first
 * of which may be left out. In UTC. https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */

/** Computes when a timer fires next. */
export interface Schedule {
  readonly kind: 'cron' | 'constant';
  /** The first occurrence after the given time, both in milliseconds since the Unix epoch. */
  next(after: number): number;
}

interface Field {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const second: Field = { low: 0, high: 59 };
const minute: Field = { low: 0, high: 59 };
const hour: Field = { low: 0, high: 23 };
const day: Field = { low: 1, high: 31 };
const month: Field = {
  low: 1,
  high: 12,
  names: ['', ...'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')],
};
const weekday: Field = { low: 0, high: 6, names: 'sun mon tue wed thu fri sat'.split(' ') };

/** Years after which the search for a match ends (30 February). */
const horizonYears = 400;

/** The schedule, or undefined when the text is no NCRONTAB expression. */
export function parseNcrontab(text: string): Schedule | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift('0');
  if (parts.length !== 6) return undefined;
  const sets = [second, minute, hour, day, month, weekday].map((field, i) =>
    parseField(parts[i] ?? '', field),
  );
  const [seconds, minutes, hours, days, months, weekdays] = sets;
  if (!seconds || !minutes || !hours || !days || !months || !weekdays) return undefined;

  return {
    kind: 'cron',
    next(after) {
      const at = new Date(Math.floor(after / 1000) * 1000 + 1000);
      const last = at.getUTCFullYear() + horizonYears;
      while (at.getUTCFullYear() <= last) {
        if (!months.has(at.getUTCMonth() + 1))
          at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
        else if (!days.has(at.getUTCDate()) || !weekdays.has(at.getUTCDay())) at.setUTCHours(24, 0, 0, 0);
        else if (!hours.has(at.getUTCHours())) at.setUTCMinutes(60, 0, 0);
        else if (!minutes.has(at.getUTCMinutes())) at.setUTCSeconds(60, 0);
        else if (!seconds.has(at.getUTCSeconds())) at.setUTCMilliseconds(1000);
        else return at.getTime();
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

/** A schedule that fires each time the span has passed. */
export function constantSchedule(spanMs: number): Schedule {
  return { kind: 'constant', next: (after) => after + spanMs };
}

function parseField(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [, all, from, to, step] = match;
    const low = all ? field.low : number(from ?? '', field);
    const high = all || (step && !to) ? field.high : number(to ?? from ?? '', field);
    const by = step === undefined ? 1 : Number(step);
    if (low === undefined || high === undefined || low > high || by < 1) return undefined;
    for (let value = low; value <= high; value += by) values.add(value);
  }
  return values;
}

function number(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.slice(0, 3).toLowerCase()) ?? -1;
  const value = named >= 0 && text !== '' ? named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.low && value <= field.high ? value : undefined;
}
