import { z } from 'zod';
import { defineEnrichment } from '../define.js';
import { userResolver } from './users/user-resolver.js';
import { isGuest } from './users/users.js';

/** The user of an account in the directory, and their manager. */
export default defineEnrichment({
  name: 'entra.user',
  title: 'Look up the user in Entra',
  docs: 'https://learn.microsoft.com/graph/api/user-get',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    upn: z.string(),
    displayName: z.string(),
    accountEnabled: z.boolean().optional().describe('Absent if the directory does not report it'),
    guest: z.boolean().describe('An external user, or a member with an external identity'),
    synced: z.boolean().describe('The account comes from an on-premises directory'),
    onPremisesDomain: z.string().optional().describe('DNS name of the on-premises domain'),
    onPremisesAccountName: z.string().optional().describe('Account name in that domain'),
    department: z.string().optional(),
    jobTitle: z.string().optional(),
    manager: z.object({ objectId: z.string(), upn: z.string().optional() }).optional(),
    createdAt: z.string().optional().describe('ISO 8601, UTC'),
    sessionsValidFrom: z.string().optional().describe('ISO 8601, UTC: older sign-in sessions are void'),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'User.Read.All', why: "read the user's profile and manager" },
  ],
  quota: 'graph-directory',
  // The resolver has read the record.
  calls: 0,
  async run(found) {
    const {
      department,
      jobTitle,
      manager,
      createdDateTime,
      signInSessionsValidFromDateTime: validFrom,
      onPremisesDomainName: domain,
      onPremisesSamAccountName: accountName,
    } = found;
    return {
      objectId: found.id.toLowerCase(),
      upn: found.userPrincipalName,
      displayName: found.displayName ?? found.userPrincipalName,
      ...(typeof found.accountEnabled === 'boolean' ? { accountEnabled: found.accountEnabled } : {}),
      guest: isGuest(found),
      synced: found.onPremisesSyncEnabled === true,
      ...(domain ? { onPremisesDomain: domain } : {}),
      ...(accountName ? { onPremisesAccountName: accountName } : {}),
      ...(department ? { department } : {}),
      ...(jobTitle ? { jobTitle } : {}),
      ...(manager ? { manager: managerOf(manager) } : {}),
      ...(createdDateTime ? { createdAt: createdDateTime } : {}),
      ...(validFrom ? { sessionsValidFrom: validFrom } : {}),
    };
  },
});

function managerOf({ id, userPrincipalName }: { id: string; userPrincipalName?: string | null | undefined }) {
  return { objectId: id, ...(userPrincipalName ? { upn: userPrincipalName } : {}) };
}
