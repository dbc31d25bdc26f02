/** The user of an account, for responses that change accounts: known refusals come before anyone is asked. */
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

const refused = (reason: string): Refusal => ({ ok: false, code: 'unsupported-target', reason });
