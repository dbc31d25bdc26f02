/** Whether the responder made the last change of a state, by the audit log of Entra. Pure. */
import type { ChangePeriod } from '../../change-state.js';
import type { AuditedChange } from './directory-audits.js';

/** The largest assumed difference between the directory's clock and ours. */
export const CLOCK_SKEW_MS = 2 * 60_000;
/** Entra shows most entries of its audit log within minutes. */
export const LOG_BEHIND_MS = 5 * 60_000;

/** `behind`: the log does not show the change yet. `unclear`: another app may have made one of the changes. */
export type LastAuthor<C> =
  | { readonly state: 'responder' | 'behind' | 'unclear' }
  | { readonly state: 'somebody-else'; readonly change: C };

/** From when on the log is read, in milliseconds since the epoch. Undefined: the responder changed nothing. */
export function beginOf(periods: readonly ChangePeriod[]): number | undefined {
  if (periods.length === 0) return undefined;
  return Math.min(...periods.map(({ from }) => Date.parse(from))) - CLOCK_SKEW_MS;
}

/** @param fits whether an entry may be what the responder did, apart from author and time. */
export function lastAuthor<C extends AuditedChange>(
  newestFirst: readonly C[],
  periods: readonly ChangePeriod[],
  fits: (change: C) => boolean,
): LastAuthor<C> {
  const [last] = newestFirst;
  if (last === undefined) return { state: 'behind' };
  const mayBeOurs = (change: C) =>
    change.byApp &&
    fits(change) &&
    periods.some(
      ({ from, to }) =>
        change.at >= Date.parse(from) - CLOCK_SKEW_MS && change.at <= Date.parse(to) + CLOCK_SKEW_MS,
    );
  if (!mayBeOurs(last)) return { state: 'somebody-else', change: last };
  // Each change of the responder is one entry. App names are not unique: one entry more is another app's.
  return { state: newestFirst.filter(mayBeOurs).length > periods.length ? 'unclear' : 'responder' };
}
