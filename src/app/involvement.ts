/** How an approver is part of an incident, by what the directory knows of them and of who reports to them. */
import {
  type AccountMatch,
  type DirectoryUser,
  type InvolvedAccount,
  type Involvement,
  matchAccount,
} from '../approvals/index.js';
import { type Directory, unknown } from './directory.js';

/** `unknown` where the directory cannot be asked, or does not know the person. */
export async function involvementOf(
  objectId: string,
  accounts: readonly InvolvedAccount[],
  managersMayDecide: boolean,
  directory: Directory,
): Promise<Involvement | 'unknown' | undefined> {
  if (accounts.some((account) => matchAccount(account, { id: objectId }) === 'same')) return 'entity';
  try {
    // Who is known by an object id needs no other name.
    if (accounts.some((account) => account.objectId === undefined)) {
      const match = await bestMatch(accounts, [await directory.user(objectId)], directory);
      if (match !== 'other') return match === 'same' ? 'entity' : 'namesake';
    }
    if (managersMayDecide || accounts.length === 0) return undefined;
    const match = await bestMatch(accounts, await directory.reportsOf(objectId), directory);
    return match === 'other' ? undefined : 'manager';
  } catch (error) {
    return unknown(error);
  }
}

async function bestMatch(
  accounts: readonly InvolvedAccount[],
  users: readonly DirectoryUser[],
  directory: Directory,
): Promise<AccountMatch> {
  let best: AccountMatch = 'other';
  for (const user of users) {
    for (const account of accounts) {
      const match = await matchOf(account, user, directory);
      if (match === 'same') return match;
      if (match === 'namesake') best = match;
    }
  }
  return best;
}

/** Whom the directory knows as somebody else is no namesake. */
async function matchOf(
  account: InvolvedAccount,
  user: DirectoryUser,
  directory: Directory,
): Promise<AccountMatch> {
  const match = matchAccount(account, user);
  if (match !== 'namesake' || account.upn === undefined) return match;
  const id = await directory.idOf(account.upn);
  return id === '' ? match : matchAccount({ objectId: id }, user);
}
