/** Checks what a rule chooses for its action. */
import type { CatalogueResponse } from './catalogue.js';
import type { Report } from './problem-list.js';
import { suggestion } from './suggest.js';
import { fieldNames } from './value-types.js';
import type { Path } from './yaml-source.js';

/** The settings as the action's schema returns them; undefined where it has none. Problems are reported with their places. */
export function readSettings(
  { name, settings }: CatalogueResponse,
  given: unknown,
  rule: Path,
  report: Report,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  const place = [...rule, 'with'];
  if (settings === undefined) {
    if (given === undefined) return { ok: true, value: undefined };
    report('unknown-key', place, `${name} has no settings`, 'leave "with" out');
    return { ok: false };
  }
  const names = fieldNames(settings.schema);
  if (given === undefined) {
    report('missing-key', rule, `${name} needs "with"`, `its settings: ${names.join(', ')}`);
    return { ok: false };
  }
  const parsed = settings.schema.safeParse(given);
  if (parsed.success) return { ok: true, value: parsed.data };
  for (const issue of parsed.error.issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const message = `${name} has no setting "${key}"`;
        report('unknown-key', [...place, ...path, key], message, suggestion(key, names));
      }
    } else {
      const what = path.length === 0 ? 'with' : path.join('.');
      report(
        'invalid-value',
        [...place, ...path],
        `${what}: ${issue.message}`,
        `its settings: ${names.join(', ')}`,
      );
    }
  }
  return { ok: false };
}
