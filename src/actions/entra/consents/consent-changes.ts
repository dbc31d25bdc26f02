/** Who granted permissions to an app, and who removed them: from the audit log of Entra, which may be minutes behind. */
import type { ActionContext } from '../../define.js';
import { type Audit, type AuditedChange, auditedChange, readAudits } from '../audits/directory-audits.js';
import type { GrantIdentity } from './grants.js';

export interface ConsentChange extends AuditedChange {
  /** Granted, or removed. */
  readonly granted: boolean;
}

/** https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities */
const ACTIVITIES: Readonly<Record<string, boolean>> = {
  'add delegated permission grant': true,
  'remove delegated permission grant': false,
};

/**
 * Newest first. The log has them under the API.
 * @param since milliseconds since the epoch
 * @throws ResponderError of `readAudits`.
 */
export async function readConsentChanges(
  { clientId, resourceId, principalId }: GrantIdentity,
  since: number,
  ctx: ActionContext,
): Promise<ConsentChange[]> {
  const audits = await readAudits(resourceId, since, ctx);
  return audits
    .filter((audit) => names(audit, clientId) && !isOfAnotherUser(audit, principalId))
    .flatMap((audit) => {
      const granted = ACTIVITIES[audit.activityDisplayName.toLowerCase()];
      return granted === undefined ? [] : [{ ...auditedChange(audit), granted }];
    })
    .sort((a, b) => b.at - a.at);
}

const propertiesOf = ({ targetResources }: Audit) =>
  (targetResources ?? []).flatMap(({ modifiedProperties }) => modifiedProperties ?? []);

/** The app is a target of its own, or a property: `ServicePrincipal.ObjectID`, with its id as JSON. */
function names(audit: Audit, id: string): boolean {
  const wanted = id.toLowerCase();
  return (
    (audit.targetResources ?? []).some((target) => target.id?.toLowerCase() === wanted) ||
    propertiesOf(audit).some(({ newValue, oldValue }) =>
      [newValue, oldValue].some((value) => value?.toLowerCase().includes(wanted)),
    )
  );
}

/** An entry that does not say of which user it is may be of this one. */
function isOfAnotherUser(audit: Audit, principalId: string | undefined): boolean {
  const users = propertiesOf(audit).filter(
    ({ displayName }) => displayName?.toLowerCase() === 'user.objectid',
  );
  const ids = users.flatMap(({ newValue, oldValue }) => [newValue, oldValue]);
  const known = ids.flatMap(
    (value) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(value ?? '') ?? [],
  );
  return known.length > 0 && !known.some((id) => id.toLowerCase() === principalId?.toLowerCase());
}
