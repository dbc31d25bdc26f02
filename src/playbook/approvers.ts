/** What only the directory knows about a tier. */
import type { Approvers } from '../domain/approval-tier.js';
import { toErrorInfo } from '../domain/errors.js';

/** Gives the object ids of the users in a group, or undefined where there is no such group. */
export type UsersOf = (groupId: string) => Promise<readonly string[] | undefined>;

/** Why a request to these approvers may wait in vain: groups that do not exist, are too small, or cannot be looked at. */
export async function approverDoubts(
  { tier, approvers, approvalsNeeded }: { tier: string; approvers: Approvers; approvalsNeeded: number },
  usersOf: UsersOf,
): Promise<string[]> {
  const doubts: string[] = [];
  const deciders = new Set([...approvers.people.map(({ id }) => id.toLowerCase()), ...approvers.automation]);
  let countable = true;
  for (const { id, name } of approvers.groups) {
    try {
      const users = await usersOf(id);
      if (users === undefined) doubts.push(`The group ${name} (${id}) does not exist.`);
      else if (users.length === 0) doubts.push(`The group ${name} (${id}) has no members.`);
      for (const user of users ?? []) deciders.add(user.toLowerCase());
    } catch (error) {
      countable = false;
      doubts.push(`The group ${name} (${id}) could not be looked at: ${toErrorInfo(error).message}`);
    }
  }
  if (countable && deciders.size < approvalsNeeded) {
    const number = deciders.size === 1 ? '1 approver' : `${deciders.size} approvers`;
    doubts.push(`Tier ${tier} has ${number} and needs ${approvalsNeeded}: it cannot be approved as it is.`);
  }
  return doubts;
}
