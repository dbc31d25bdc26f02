/** The user of an account, for responses that change accounts: known refusals come before anyone is asked. */
import { ResponderError } from '../../../domain/errors.js';
import type { Refusal, ResponseTarget } from '../../define.js';
import { administratorReason, protectionOf } from '../roles/administrators.js';
import { type UserInput, userTarget } from './user-resolver.js';
import { type DirectoryUser, isGuest } from './users.js';

/** Sentences for people: why not, and what to do by hand. Absent: the response works for such users, too. */
export interface LeftToPeople {
  /** The account comes from an on-premises directory. */
  readonly synced?: string;
  /** Guests: the account belongs to another tenant. */
  readonly guests?: string;
  /** Those that Entra protects from apps; the reason comes first. */
  readonly administrators?: string;
}

export function accountTarget(instead: LeftToPeople): ResponseTarget<UserInput, DirectoryUser> {
  return {
    ...userTarget,
    async accept(user, record, ctx) {
      if (instead.guests !== undefined && isGuest(user)) return refused(instead.guests);
      if (instead.synced !== undefined && user.onPremisesSyncEnabled === true) return refused(instead.synced);
      if (instead.administrators !== undefined) {
        const protection = await protectionOf(user.id, ctx);
        if (protection !== undefined) {
          return refused(`${administratorReason(protection)} ${instead.administrators}`);
        }
      }
      return userTarget.accept(user, record, ctx);
    },
  };
}

/** @throws ResponderError `unsupported-target`. */
export function assertNoGuest(user: DirectoryUser): void {
  if (!isGuest(user)) return;
  throw new ResponderError({
    code: 'unsupported-target',
    message: 'The user is a guest: this has no effect on them here.',
    fault: 'caller',
    retry: 'no',
    next: "Ask the administrators of the user's home tenant, or remove the guest's access here.",
  });
}

const refused = (reason: string): Refusal => ({ ok: false, code: 'unsupported-target', reason });
