import { defineService } from '../service.js';

const THROTTLING = 'https://learn.microsoft.com/graph/throttling-limits';

/** Microsoft Entra ID: users, their sessions and their risk, through Microsoft Graph. */
export default defineService({
  title: 'Microsoft Entra ID',
  docs: 'https://learn.microsoft.com/graph/api/resources/user',
  apis: {
    graph: {
      title: 'Microsoft Graph',
      host: 'graph.microsoft.com',
      scope: 'https://graph.microsoft.com/.default',
      client: 'graph',
      readingPosts: /\/runHuntingQuery$/,
    },
  },
  permissions: {
    'Microsoft Graph': [
      'Application.Read.All',
      'Application.ReadWrite.All',
      'AuditLog.Read.All',
      'DelegatedPermissionGrant.Read.All',
      'DelegatedPermissionGrant.ReadWrite.All',
      'GroupMember.Read.All',
      'GroupMember.ReadWrite.All',
      'IdentityRiskEvent.Read.All',
      'IdentityRiskyUser.Read.All',
      'IdentityRiskyUser.ReadWrite.All',
      'RoleManagement.Read.Directory',
      'User-PasswordProfile.ReadWrite.All',
      'User.EnableDisableAccount.All',
      'User.Read.All',
      'User.RevokeSessions.All',
      'UserAuthenticationMethod.ReadWrite.All',
    ],
  },
  quotas: {
    'graph-directory': {
      docs: THROTTLING,
      // Of a small tenant; larger ones have more.
      limits: [{ amount: 3500, unit: 'resource units', seconds: 10 }],
    },
    'graph-reports': { docs: THROTTLING, limits: [{ amount: 5, unit: 'calls', seconds: 10 }] },
    // For all apps of the tenant together; a 429 has no Retry-After.
    'graph-identity-protection': { docs: THROTTLING, limits: [{ amount: 1, unit: 'calls', seconds: 1 }] },
  },
});
