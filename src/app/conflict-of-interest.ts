/** Finds an approver's conflict of interest, from directory data: accounts, devices and direct reports. */
import {
  type AccountMatch,
  type ConflictOfInterest,
  type DirectoryUser,
  isNamed,
  matchAccount,
} from '../approvals/index.js';
import { bareName, type Involved, type InvolvedAccount } from '../domain/involved.js';
import { type Directory, unknown } from './directory.js';

/** `unknown` if the directory is unavailable or the user does not exist. */
export async function conflictOfInterestOf(
  objectId: string,
  involved: Involved,
  managersMayDecide: boolean,
  directory: Directory,
): Promise<ConflictOfInterest | 'unknown' | undefined> {
  if (isNamed(involved, { id: objectId })) return 'entity';
  const { addresses, sids, accounts, objectIds } = involved;
  const people = addresses.length + sids.length + accounts.length + objectIds.length > 0;
  try {
    if (people) {
      const match = await bestMatch(involved, [await directory.user(objectId)], directory);
      if (match !== 'other') return match === 'same' ? 'entity' : 'same-name';
    }
    const device = await ownDevice(objectId, involved, directory);
    if (device !== undefined) return device;
    if (managersMayDecide || !people) return undefined;
    const match = await bestMatch(involved, await directory.reportsOf(objectId), directory);
    return match === 'other' ? undefined : 'manager';
  } catch (error) {
    return unknown(error);
  }
}

/** A matching name alone may be a different device: another directory, or a reinstalled device. */
async function ownDevice(
  objectId: string,
  { devices, deviceNames }: Involved,
  directory: Directory,
): Promise<'entity' | 'same-name' | undefined> {
  if (devices.length + deviceNames.length === 0) return undefined;
  const own = await directory.devicesOf(objectId);
  if (own.some(({ id }) => id !== undefined && devices.includes(id))) return 'entity';
  const names = own.flatMap(({ name }) => bareName(name ?? ''));
  return names.some((name) => deviceNames.includes(name)) ? 'same-name' : undefined;
}

async function bestMatch(
  involved: Involved,
  users: readonly DirectoryUser[],
  directory: Directory,
): Promise<AccountMatch> {
  let best: AccountMatch = 'other';
  for (const user of users) {
    if (isNamed(involved, user)) return 'same';
    for (const account of involved.accounts) {
      const match = await matchOf(account, user, directory);
      if (match === 'same') return match;
      if (match === 'same-name') best = match;
    }
  }
  return best;
}

/** A user whose account the directory resolves to a different object is not a same-name match. */
async function matchOf(
  account: InvolvedAccount,
  user: DirectoryUser,
  directory: Directory,
): Promise<AccountMatch> {
  const match = matchAccount(account, user);
  if (match !== 'same-name' || account.upn === undefined) return match;
  const id = await directory.idOf(account.upn);
  return id === '' ? match : matchAccount({ objectId: id }, user);
}
