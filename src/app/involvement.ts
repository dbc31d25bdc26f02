/** How an approver is part of an incident, by what the directory knows of them, their devices and who reports to them. */
import {
  type AccountMatch,
  type DirectoryUser,
  type Involvement,
  isNamed,
  matchAccount,
} from '../approvals/index.js';
import { bareName, type Involved, type InvolvedAccount } from '../domain/involved.js';
import { type Directory, unknown } from './directory.js';

/** `unknown` where the directory cannot be asked, or does not know the person. */
export async function involvementOf(
  objectId: string,
  involved: Involved,
  managersMayDecide: boolean,
  directory: Directory,
): Promise<Involvement | 'unknown' | undefined> {
  if (isNamed(involved, { id: objectId })) return 'entity';
  const { addresses, sids, accounts, objectIds } = involved;
  const people = addresses.length + sids.length + accounts.length + objectIds.length > 0;
  try {
    if (people) {
      const match = await bestMatch(involved, [await directory.user(objectId)], directory);
      if (match !== 'other') return match === 'same' ? 'entity' : 'namesake';
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

/** A name of a device may be that of another one: two directories, or one that was set up again. */
async function ownDevice(
  objectId: string,
  { devices, deviceNames }: Involved,
  directory: Directory,
): Promise<'entity' | 'namesake' | undefined> {
  if (devices.length + deviceNames.length === 0) return undefined;
  const own = await directory.devicesOf(objectId);
  if (own.some(({ id }) => id !== undefined && devices.includes(id))) return 'entity';
  const names = own.flatMap(({ name }) => bareName(name ?? ''));
  return names.some((name) => deviceNames.includes(name)) ? 'namesake' : undefined;
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
