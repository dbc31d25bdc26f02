/** The real host's JSON reader turns texts that look like dates into dates and writes them again its own way. */

const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:?\d\d)?$/;

/** Re-writes the dates in a parsed JSON value: zones become UTC, a fraction loses its zeros. */
export function rewriteDates(value: unknown): unknown {
  if (typeof value === 'string') return rewrite(value);
  if (Array.isArray(value)) return value.map(rewriteDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewriteDates(inner)]));
}

function rewrite(text: string): string {
  const [, moment, fraction = '', zone = ''] = iso.exec(text) ?? [];
  if (moment === undefined) return text;
  const at = Date.parse(`${moment}${zone === '' ? 'Z' : zone}`);
  if (Number.isNaN(at)) return text;
  const digits = fraction.replace(/0+$/, '');
  const suffix = zone === 'Z' || zone === '' ? zone : '+00:00';
  return new Date(at).toISOString().slice(0, 19) + (digits === '' ? '' : `.${digits}`) + suffix;
}
