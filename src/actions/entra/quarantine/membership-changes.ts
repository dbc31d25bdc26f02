/** Who added a user to a group, and who removed them: from the audit log of Entra, which may be minutes behind. */
import type { ActionContext } from '../../define.js';
import { type Audit, type AuditedChange, auditedChange, readAudits } from '../audits/directory-audits.js';

export interface MembershipChange extends AuditedChange {
  /** Whether the user was a member afterwards. */
  readonly member: boolean;
}

/** https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities */
const ACTIVITIES: Readonly<Record<string, boolean>> = {
  'add member to group': true,
  'remove member from group': false,
};

/**
 * Newest first.
 * @param since milliseconds since the epoch
 * @throws ResponderError of `readAudits`.
 */
export async function readMembershipChanges(
  { objectId, groupId }: { readonly objectId: string; readonly groupId: string },
  since: number,
  ctx: ActionContext,
): Promise<MembershipChange[]> {
  const audits = (await readAudits(objectId, since, ctx)).filter((audit) => namesGroup(audit, groupId));
  return audits
    .flatMap((audit) => {
      const member = ACTIVITIES[audit.activityDisplayName.toLowerCase()];
      return member === undefined ? [] : [{ ...auditedChange(audit), member }];
    })
    .sort((a, b) => b.at - a.at);
}

/** The group is a target of its own, or a property of the user's: `Group.ObjectID`, with its id as JSON. */
function namesGroup({ targetResources }: Audit, groupId: string): boolean {
  return (targetResources ?? []).some(
    ({ id, modifiedProperties }) =>
      id?.toLowerCase() === groupId ||
      (modifiedProperties ?? []).some(({ newValue, oldValue }) =>
        [newValue, oldValue].some((value) => value?.toLowerCase().includes(groupId)),
      ),
  );
}
