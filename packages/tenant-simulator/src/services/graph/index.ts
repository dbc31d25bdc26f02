/** Microsoft Graph: users, groups, devices and mailboxes, audits, identity protection, incidents and alerts of Defender. */
import type { SimulatedService } from '../../service.js';
import { authenticationMethodRoutes } from './authentication-methods.js';
import { consentRoutes } from './consents.js';
import { deviceRoutes } from './devices.js';
import { directoryAuditRoutes } from './directory-audits.js';
import { directoryRoleRoutes } from './directory-roles.js';
import { advanceEmailRemediations, emailRemediationRoutes } from './email-remediation.js';
import { groupRoutes } from './groups.js';
import { GRAPH } from './host.js';
import { huntingRoutes } from './hunting.js';
import { identityProtectionRoutes } from './identity-protection.js';
import { mailboxRoutes } from './mailboxes.js';
import { graphQuotas } from './quotas.js';
import { registrationDetailsRoutes } from './registration-details.js';
import { securityAlertRoutes } from './security-alerts.js';
import { securityIncidentRoutes } from './security-incidents.js';
import { servicePrincipalRoutes } from './service-principals.js';
import { userRoutes } from './users.js';

export const graph: SimulatedService = {
  hosts: [GRAPH],
  quotas: graphQuotas,
  advance: advanceEmailRemediations,
  routes: [
    ...userRoutes,
    ...groupRoutes,
    ...mailboxRoutes,
    ...deviceRoutes,
    ...authenticationMethodRoutes,
    ...servicePrincipalRoutes,
    ...consentRoutes,
    ...directoryAuditRoutes,
    ...directoryRoleRoutes,
    ...identityProtectionRoutes,
    ...registrationDetailsRoutes,
    ...huntingRoutes,
    ...emailRemediationRoutes,
    ...securityIncidentRoutes,
    ...securityAlertRoutes,
  ],
};
