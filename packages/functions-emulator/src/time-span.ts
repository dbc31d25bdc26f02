/** .NET time spans: `[d.]hh:mm:ss[.fff]`, or a bare number of days. */

/** Milliseconds, or undefined when the text is no time span. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (!match) return /^\d+$/.test(text.trim()) ? Number(text) * 86_400_000 : undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Math.trunc(Number(`0.${fraction}`) * 1000);
}
