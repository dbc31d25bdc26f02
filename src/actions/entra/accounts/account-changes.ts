/**
 * Who last enabled or disabled a user or an app, from the audit log of Entra: their own records do not contain it. Changes
 * of the last minutes may be missing from the log.
 * https://learn.microsoft.com/graph/api/resources/directoryaudit
 */
import type { ActionContext } from '../../define.js';
import { type Audit, type AuditedChange, auditedChange, readAudits } from '../audits/directory-audits.js';

/** A change of `accountEnabled`, or a possible one. */
export interface AccountChange extends AuditedChange {
  readonly what: 'enabled' | 'disabled' | 'updated';
}

/** Entries of one call are written at almost the same time. */
const OF_ONE_CALL_MS = 2_000;

/** https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities */
const ACTIVITIES: Readonly<Record<string, AccountChange['what']>> = {
  'enable account': 'enabled',
  'disable account': 'disabled',
};

/**
 * Changes of one user or app since then (milliseconds since the epoch), newest first.
 * @throws ResponderError `incomplete-answer`; those of the client, `forbidden` where the log may not be read.
 */
export async function readAccountChanges(
  objectId: string,
  since: number,
  ctx: ActionContext,
): Promise<AccountChange[]> {
  const changes = (await readAudits(objectId, since, ctx)).flatMap(changeOf);
  return changes
    .filter((change) => !changes.some((other) => isMoreSpecific(other, change)))
    .sort((a, b) => b.at - a.at);
}

/** A call that disables a user may be logged as that, and again as an update of the user. */
function isMoreSpecific(other: AccountChange, { what, call, actor, byApp, at }: AccountChange): boolean {
  return (
    what === 'updated' &&
    other.what !== 'updated' &&
    call !== undefined &&
    other.call === call &&
    other.actor === actor &&
    other.byApp === byApp &&
    Math.abs(other.at - at) <= OF_ONE_CALL_MS
  );
}

function changeOf(audit: Audit): AccountChange[] {
  const name = audit.activityDisplayName.toLowerCase();
  const touched = audit.targetResources?.flatMap(({ modifiedProperties }) => modifiedProperties ?? []) ?? [];
  const isUpdate =
    ['update user', 'update service principal'].includes(name) &&
    touched.some(({ displayName }) => displayName?.toLowerCase() === 'accountenabled');
  const what = ACTIVITIES[name] ?? (isUpdate ? 'updated' : undefined);
  return what === undefined ? [] : [{ ...auditedChange(audit), what }];
}
