const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A whole number and a unit: seconds, minutes, hours or days. */
export const DURATION_PATTERN = /^([1-9][0-9]{0,5})(s|m|h|d)$/;

/** A duration in source code. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** `30s`, `15m`, `4h` or `2d` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** In milliseconds. @throws RangeError if the number is not a whole one from 1 to 999999. */
export function durationMs(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new RangeError(`${duration} is not a duration`);
  return ms;
}
