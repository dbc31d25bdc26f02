/** A small made-up tenant behind real sockets, with the real clients. */
import { type Fault, type Simulator, startSimulator, type TenantState } from 'tenant-simulator';
import type { CallContext } from '../../src/actions/call.js';
import type { IncidentRef } from '../../src/actions/define.js';
import { idempotencyKeyOf } from '../../src/actions/run.js';
import type { Service } from '../../src/actions/service.js';
import { apis, type Clients, services } from '../../src/actions/services.js';
import { type Api, createClients } from '../../src/connectors/index.js';
import type { EntityOf } from '../../src/domain/entities.js';
import { mailOf } from './contoso-mail.js';
import { DEFENDER_INCIDENT } from './defender-incident.js';

const guid = (end: string) => `00000000-0000-4000-8000-${end.padStart(12, '0')}`;
export const START = Date.parse('2026-03-10T08:12:00Z');
export const TENANT = guid('ac');
export const MACHINE = '0142fade'.repeat(5);
export const TWIN = '0142beef'.repeat(5);
export const DANA = guid('a001');
export const GUEST = guid('a002');
export const ADMIN = guid('a003');
export const SYNCED = guid('a004');
export const QUARANTINE = guid('b201');
export const APP = guid('e001');
export const APP_ID = guid('e0a1');
export const OTHER_APP = guid('e002');
export const NEW_METHOD = '_jpuR-TGZtk6aQCLF3BQjA2';
export const GRAPH_API = guid('e003');
/** Dana's consent to Mail Reader, with the id that Graph gives it. */
export const GRANT = {
  clientId: APP,
  consentType: 'Principal' as const,
  id: Buffer.from([APP, GRAPH_API, DANA].join('').replaceAll('-', ''), 'hex').toString('base64url'),
  principalId: DANA,
  resourceId: GRAPH_API,
  scope: ' Mail.ReadWrite offline_access',
};
export const SHA1 = 'c0ffee0142'.repeat(4);
export const SHA256 = 'c0ffee01'.repeat(8);
export const DEFENDER = 'api.security.microsoft.com';
export const GRAPH = 'graph.microsoft.com';
export const ARM = 'management.azure.com';
export const LOGS = 'api.loganalytics.io';

const subscriptionId = guid('aa');
export const ARM_ID =
  `/subscriptions/${subscriptionId}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/law-soc` +
  `/providers/Microsoft.SecurityInsights/Incidents/${guid('2001')}`;
export const incident: IncidentRef = {
  key: ARM_ID.toLowerCase(),
  origin: {
    kind: 'sentinel',
    armId: ARM_ID,
    workspace: { subscriptionId, resourceGroup: 'rg-soc', name: 'law-soc', customerId: guid('ab') },
  },
  title: 'Ransomware precursor',
  number: '2001',
  firstActivityAt: '2026-03-10T07:41:12.000Z',
};

const user = (id: string, name: string, more: object = {}) => ({
  id,
  userPrincipalName: `${name}@contoso.com`,
  displayName: name,
  accountEnabled: true,
  userType: 'Member',
  onPremisesSyncEnabled: null,
  department: 'Finance',
  signInSessionsValidFromDateTime: '2026-01-05T09:00:00Z',
  createdDateTime: '2024-01-01T00:00:00Z',
  authenticationMethods: [method('microsoftAuthenticator', NEW_METHOD, '2026-03-10T07:50:00Z')],
  ...more,
});
export const method = (type: string, id: string, createdDateTime: string | null, more: object = {}) => ({
  '@odata.type': `#microsoft.graph.${type}AuthenticationMethod`,
  id,
  createdDateTime,
  ...more,
});
const machine = (id: string, computerDnsName: string, more: object = {}) => ({
  id,
  computerDnsName,
  osPlatform: 'Windows11',
  healthStatus: 'Active',
  onboardingStatus: 'Onboarded',
  riskScore: 'High',
  exposureLevel: 'Medium',
  machineTags: ['finance'],
  ...more,
});

const app = (id: string, appId: string, displayName: string, more: object) => ({
  id,
  appId,
  displayName,
  accountEnabled: true,
  servicePrincipalType: 'Application',
  ...more,
});

const logonUser = (id: string, lastSeen: string, more: object = {}) => ({
  id,
  lastSeen,
  isDomainAdmin: false,
  isOnlyNetworkUser: false,
  ...more,
});

/** All that the services know. */
function permissionsOf(api: string): string[] {
  return Object.values<Service>(services).flatMap(({ permissions }) => permissions[api] ?? []);
}

export function tenant(): unknown {
  return {
    tenant: { id: guid('ac'), displayName: 'Contoso' },
    app: {
      displayName: 'sentinel-responder',
      clientId: guid('c1'),
      clientSecret: 'made-up-secret',
      objectId: guid('c2'),
      permissions: {
        graph: permissionsOf('Microsoft Graph'),
        defender: permissionsOf('WindowsDefenderATP'),
        logAnalytics: ['Data.Read'],
        azure: ['Microsoft Sentinel Responder'],
      },
    },
    workspace: { subscriptionId, resourceGroup: 'rg-soc', name: 'law-soc', customerId: guid('ab') },
    machineActionTiming: { startsAfter: 20, endsAfter: 75 },
    users: [
      user(DANA, 'dana.ortiz', {
        managerId: ADMIN,
        risk: { riskLevel: 'high', riskState: 'atRisk', riskLastUpdatedDateTime: '2026-03-10T08:00:00Z' },
        lastPasswordChangeDateTime: '2026-01-05T09:00:00Z',
        authenticationMethods: [
          method('password', '28c10230-6103-485e-b985-444c60001490', '2024-01-01T00:00:00Z'),
          method('phone', '3179e48a-750b-4051-897c-87b9720928f7', '2024-01-02T09:00:00Z', {
            phoneNumber: '+1 5555550100',
            phoneType: 'mobile',
          }),
          method('microsoftAuthenticator', NEW_METHOD, '2026-03-10T07:50:00Z', { displayName: 'Pixel' }),
        ],
        registration: {
          isMfaRegistered: true,
          isMfaCapable: false,
          isPasswordlessCapable: false,
          methodsRegistered: ['mobilePhone', 'email'],
          lastUpdatedDateTime: '2026-03-09T22:00:00Z',
        },
      }),
      user(GUEST, 'ana_fabrikam.com#EXT#', { userType: 'Guest' }),
      user(ADMIN, 'lee.andersen', {
        directoryRoles: [{ id: guid('d1'), displayName: 'User Administrator' }],
      }),
      user(SYNCED, 'sam.hybrid', { onPremisesSyncEnabled: true, accountEnabled: false }),
    ],
    groups: [
      { id: guid('b001'), displayName: 'Finance', members: [DANA] },
      { id: QUARANTINE, displayName: 'Quarantine' },
    ],
    ...mailOf(DANA),
    servicePrincipals: [
      app(APP, APP_ID, 'Mail Reader', {
        appOwnerOrganizationId: guid('fab1'),
        verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
        appRoleAssignments: [{ id: 'assignment', appRoleId: guid('f1'), resourceId: GRAPH_API }],
      }),
      app(GRAPH_API, '00000003-0000-0000-c000-000000000000', 'Microsoft Graph', {
        appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
        appRoles: [{ id: guid('f1'), value: 'User.Read.All', displayName: 'Read all users' }],
      }),
      app(OTHER_APP, guid('e0a2'), 'Payroll', { appOwnerOrganizationId: TENANT }),
    ],
    permissionGrants: [GRANT],
    applications: [{ id: guid('e0b2'), appId: guid('e0a2'), displayName: 'Payroll' }],
    machines: [
      machine(MACHINE, 'ws-fin-0142.corp.contoso.com', {
        logonUsers: [
          logonUser('contoso\\dana.ortiz', '2026-03-10T07:30:00Z'),
          logonUser('contoso\\lee.andersen', '2026-03-09T16:00:00Z', { isDomainAdmin: true }),
        ],
        missingUpdates: [
          { id: '5000001', name: 'February 2026 Security Updates', cveAddressed: 61 },
          { id: '5000002', name: 'March 2026 Security Updates', cveAddressed: 97 },
        ],
        vulnerabilities: [
          { id: 'CVE-2026-0001', severity: 'Critical', cvssV3: 9.8, publicExploit: true },
          { id: 'CVE-2026-0002', severity: 'High', cvssV3: 8.1, publicExploit: false },
          { id: 'CVE-2026-0003', severity: 'Low', cvssV3: 2.1, exploitInKit: true },
        ],
      }),
      machine(TWIN, 'ws-fin-0142.branch.contoso.com'),
      machine('0143fade'.repeat(5), 'ws-fin-01421.corp.contoso.com'),
      machine('0077fade'.repeat(5), 'srv-file-03.corp.contoso.com', { osPlatform: 'WindowsServer2022' }),
    ],
    files: [
      {
        sha1: SHA1,
        sha256: SHA256,
        globalPrevalence: 14,
        isValidCertificate: false,
        determinationType: 'Malware',
        determinationValue: 'Ransom:Win32/Sample',
        statistics: {
          organizationPrevalence: '2',
          orgFirstSeen: '2026-03-10T07:50:00Z',
          globallyPrevalence: 14,
          topFileNames: ['finsync.exe'],
        },
      },
    ],
    prevalence: ['203.0.113.77', 'evil.fabrikam.com'].map((of) => ({
      of,
      organizationPrevalence: 2,
      orgFirstSeen: '2026-03-08T10:00:00Z',
      orgLastSeen: '2026-03-10T08:00:00Z',
    })),
    geodata: [{ ipAddr: '203.0.113.77', country: 'examplia', asn: '64511', organization: 'Example Hosting' }],
    queries: [
      {
        name: 'sign-ins of Dana',
        contains: ['SigninLogs'],
        params: { user: DANA },
        columns: [
          ...['Total', 'Succeeded', 'Failed', 'SecondFactorDenied', 'Risky'].map((name) => ({
            name,
            type: 'long',
          })),
          ...['Countries', 'Addresses', 'Applications'].map((name) => ({ name, type: 'dynamic' })),
          { name: 'LastSuccess', type: 'datetime' },
        ],
        rows: [[46, 41, 5, 3, 2, ['NL', ''], ['203.0.113.77'], ['Portal'], '2026-03-10T07:37:20Z']],
      },
    ],
    securityIncidents: [DEFENDER_INCIDENT],
    incidents: [
      {
        name: guid('2001'),
        properties: {
          title: 'Ransomware precursor',
          severity: 'High',
          status: 'New',
          createdTimeUtc: '2026-03-10T08:12:00Z',
          lastModifiedTimeUtc: '2026-03-10T08:12:00Z',
          incidentNumber: 2001,
          labels: [],
          additionalData: { commentsCount: 0 },
        },
      },
    ],
  };
}

export interface Contoso {
  readonly simulator: Simulator;
  readonly clients: Clients;
  readonly clock: { now(): number; advance(seconds: number): void };
  context(action: string, target: string, more?: Partial<CallContext>): CallContext;
  state(): TenantState;
  change(change: (state: TenantState) => void): void;
  /** Calls that ask for something to be done, and were answered or not. */
  writes(): string[];
}

/** @param recordExchangesTo path of a HAR file with what the clients send. */
export async function startContoso(
  faults: readonly Fault[] = [],
  recordExchangesTo?: string,
): Promise<Contoso> {
  let now = START;
  const clock = {
    now: () => now,
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
  };
  const simulator = await startSimulator({ tenant: tenant(), clock, faults });
  const clients = createClients(
    apis,
    {
      tenantId: guid('ac'),
      clientId: guid('c1'),
      clientSecret: 'made-up-secret',
      simulatedTenantUrl: simulator.url,
      ...(recordExchangesTo === undefined ? {} : { recordExchangesTo }),
    },
    { clock, sleep: () => Promise.resolve() },
  );
  return {
    simulator,
    clients,
    clock,
    context: (action, target, more = {}) => ({
      clients,
      clock,
      incident,
      tenantId: TENANT,
      containment: { quarantineGroup: QUARANTINE },
      idempotencyKey: idempotencyKeyOf(incident.key, action, target),
      decidedAt: START,
      outcomeUnknown: false,
      prechecked: false,
      ...more,
    }),
    state: () => simulator.state() as TenantState,
    change: (change) => simulator.update(change as (state: never) => void),
    writes: () =>
      simulator
        .calls()
        .filter(({ method, host, path }) => {
          const api = Object.values<Api>(apis).find((one) => one.host === host);
          return api !== undefined && method !== 'GET' && api.readingPosts?.test(path) !== true;
        })
        .map(({ method, path }) => `${method} ${path}`),
  };
}

/** A tenant for the length of one test. */
export async function withContoso(
  faults: readonly Fault[],
  test: (contoso: Contoso) => Promise<void>,
  recordExchangesTo?: string,
): Promise<void> {
  const contoso = await startContoso(faults, recordExchangesTo);
  try {
    await test(contoso);
  } finally {
    await contoso.simulator.stop();
  }
}

/** The app may see the names of users, and nothing else of them. */
export function restrictToBasicProfile(contoso: Contoso): void {
  contoso.change(({ app }) => {
    app.permissions.graph = ['User.ReadBasic.All', 'User.EnableDisableAccount.All'];
  });
}

/** Fails the next calls; reads are repeated twice by the client, so three failures make one failed read. */
export function failing(
  host: string,
  path: RegExp,
  answer: Fault['answer'],
  method = 'GET',
  times = 3,
): Fault {
  return { host, path, method, times, answer };
}

export const host: EntityOf<'host'> = {
  kind: 'host',
  key: `host:mde:${MACHINE}`,
  display: 'ws-fin-0142.corp.contoso.com',
  identity: 'strong',
  mdeId: MACHINE,
};
export const account: EntityOf<'account'> = {
  kind: 'account',
  key: `account:oid:${DANA}`,
  display: 'dana.ortiz@contoso.com',
  identity: 'strong',
  objectId: DANA,
  upn: 'dana.ortiz@contoso.com',
};
