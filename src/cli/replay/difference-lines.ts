/** Differences between results in few lines. Pure. */
import type { Difference } from './differences.js';

/** The most entries that are shown of one list. */
const MOST = 6;
const LONGEST = 60;

/** Lines for a terminal: values of the result, then each list with what is missing, new or different. */
export function differenceLines(differences: readonly Difference[]): string[] {
  const parts = [...new Set(differences.map(({ part }) => part))];
  // The summary repeats what the plan says.
  const isRepeated = (part: string) =>
    part === 'summary' && (parts.includes('plan') || parts.includes('refused'));
  return parts
    .filter((part) => !isRepeated(part))
    .flatMap((part) =>
      partLines(
        part,
        differences.filter((one) => one.part === part),
      ),
    );
}

function partLines(part: string, differences: readonly Difference[]): string[] {
  const [first] = differences;
  if (first?.key === undefined) {
    return differences.flatMap(({ expected, actual }) => [
      part,
      `  expected ${valueText(expected)}`,
      `  got      ${valueText(actual)}`,
    ]);
  }
  const keys = [...new Set(differences.map(({ key }) => key))];
  const entries = keys.map((key) => differences.filter((one) => one.key === key));
  const missing = entries.filter(([one]) => one?.field === undefined && one?.actual === undefined);
  const added = entries.filter(([one]) => one?.field === undefined && one?.expected === undefined);
  const changed = entries.length - missing.length - added.length;
  const counts = [
    [missing.length, 'missing'],
    [added.length, 'new'],
    [changed, 'different'],
  ] as const;
  const summary = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const heading = `${part}: ${summary.join(', ')}`;
  // A list that is missing as a whole, e.g. all findings.
  if (missing.length === entries.length && entries.length > MOST) return [heading];
  const shown = entries.slice(0, MOST).map((entry) => `  ${entryLine(entry)}`);
  const hidden = entries.length - shown.length;
  return [heading, ...shown, ...(hidden > 0 ? [`  … and ${hidden} more (--json has all)`] : [])];
}

function entryLine(fields: readonly Difference[]): string {
  const [first] = fields;
  if (first?.field === undefined) return `${first?.actual === undefined ? '-' : '+'} ${first?.key ?? ''}`;
  const words = fields.map(({ field, expected, actual }) =>
    isShort(expected) && isShort(actual)
      ? `${field} ${valueText(expected)} → ${valueText(actual)}`
      : `other ${field}`,
  );
  return `~ ${first.key}: ${words.join(', ')}`;
}

const valueText = (value: unknown) => JSON.stringify(value) ?? 'nothing';
const isShort = (value: unknown) => valueText(value).length <= LONGEST;
