/** Checks of a tier's approvers that need the directory. */
import type { Approvers } from '../domain/approval-tier.js';
import { toErrorInfo } from '../domain/errors.js';

/** Returns the object ids of the users in a group, or undefined if the group does not exist. */
export type UsersOf = (groupId: string) => Promise<readonly string[] | undefined>;

/** Warnings about approvers who may be unable to decide: groups that do not exist, are empty, too small or unreadable. */
export async function approverWarnings(
  { tier, approvers, approvalsNeeded }: { tier: string; approvers: Approvers; approvalsNeeded: number },
  usersOf: UsersOf,
): Promise<string[]> {
  const warnings: string[] = [];
  const deciders = new Set([...approvers.people.map(({ id }) => id.toLowerCase()), ...approvers.automation]);
  let isComplete = true;
  for (const { id, name } of approvers.groups) {
    try {
      const users = await usersOf(id);
      if (users === undefined) warnings.push(`The group ${name} (${id}) does not exist.`);
      else if (users.length === 0) warnings.push(`The group ${name} (${id}) has no members.`);
      for (const user of users ?? []) deciders.add(user.toLowerCase());
    } catch (error) {
      isComplete = false;
      warnings.push(`The group ${name} (${id}) could not be read: ${toErrorInfo(error).message}`);
    }
  }
  if (isComplete && deciders.size < approvalsNeeded) {
    const number = deciders.size === 1 ? '1 approver' : `${deciders.size} approvers`;
    warnings.push(
      `Tier ${tier} has ${number} and needs ${approvalsNeeded}: its requests cannot be approved.`,
    );
  }
  return warnings;
}
