/** The schema of a simulated tenant: of `tenant.json`, and of the result of `state()`. */
import { z } from 'zod';
import { SimulatorError } from './errors.js';
import {
  domainSchema,
  emailPostDeliveryEventSchema,
  emailRemediationSchema,
  emailSchema,
  mailboxSchema,
  urlClickSchema,
} from './tenant-mail.js';

const id = z.string().min(1);
const time = z.iso.datetime({ offset: true });

/** Properties that the responder does not read are stored and returned unchanged. */
const appSchema = z.strictObject({
  displayName: id,
  clientId: id,
  clientSecret: z.string().min(8),
  objectId: id,
  permissions: z.strictObject({
    graph: z.array(z.string()),
    defender: z.array(z.string()),
    logAnalytics: z.array(z.string()),
    /** Azure roles on the resource group, and on the topic of Event Grid. */
    azure: z.array(z.string()),
  }),
  /** Entra roles of the app itself; without a role it may not change privileged users. */
  directoryRoles: z.array(z.string()).default([]),
  tokenLifetimeSeconds: z.int().positive().default(3600),
});

const roleSchema = z.strictObject({ id, displayName: id, isBuiltIn: z.boolean().default(true) });

const userSchema = z.looseObject({
  id,
  userPrincipalName: id,
  accountEnabled: z.boolean(),
  signInSessionsValidFromDateTime: time,
  /** Id of another user. */
  managerId: id.optional(),
  risk: z.looseObject({ riskLevel: id, riskState: id, riskLastUpdatedDateTime: time }).optional(),
  /** https://learn.microsoft.com/graph/api/resources/userregistrationdetails */
  registration: z
    .looseObject({ isMfaRegistered: z.boolean(), methodsRegistered: z.array(z.string()) })
    .optional(),
  /** https://learn.microsoft.com/graph/api/authentication-list-methods */
  authenticationMethods: z
    .array(z.looseObject({ '@odata.type': id, id, phoneType: z.string().optional() }))
    .optional(),
  /** Id of the default method. */
  defaultMethod: id.optional(),
  directoryRoles: z.array(roleSchema).default([]),
  /** Roles that the user may activate in Privileged Identity Management. */
  eligibleRoles: z.array(roleSchema).optional(),
});

/** A security group; members are users or other groups, by id. Only a role-assignable group has roles. */
const groupSchema = z.looseObject({
  id,
  displayName: id,
  members: z.array(id).default([]),
  groupTypes: z.array(z.string()).optional(),
  /** Default: true. */
  securityEnabled: z.boolean().optional(),
  isAssignableToRole: z.boolean().optional(),
  directoryRoles: z.array(roleSchema).optional(),
  eligibleRoles: z.array(roleSchema).optional(),
});

/** An app in this tenant. https://learn.microsoft.com/graph/api/resources/serviceprincipal */
const servicePrincipalSchema = z.looseObject({
  id,
  appId: id,
  displayName: id,
  accountEnabled: z.boolean().default(true),
  appOwnerOrganizationId: id.nullable().default(null),
  servicePrincipalType: id.default('Application'),
  /** Permissions without a user. */
  appRoleAssignments: z.array(z.looseObject({ id, appRoleId: id, resourceId: id })).optional(),
});

/** https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
const permissionGrantSchema = z.strictObject({
  clientId: id,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  id,
  principalId: id.nullable().default(null),
  resourceId: id,
  scope: z.string(),
});

/** An app registration of this tenant. */
const applicationSchema = z.looseObject({ id, appId: id, displayName: id });

/** A device of the directory, with the ids of its registered owners and users. */
const deviceSchema = z.looseObject({
  id,
  deviceId: id,
  displayName: id,
  owners: z.array(id).default([]),
  users: z.array(id).default([]),
});

const machineSchema = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{40}$/, 'a machine id has 40 hexadecimal digits in lower case'),
  computerDnsName: id,
  /** False: the device does not fetch its actions, which stay Pending. */
  connected: z.boolean().default(true),
  isolated: z.boolean().default(false),
  /** As requested; absent: not isolated, or unknown. */
  isolationType: z.string().optional(),
  /** Only files that Microsoft signed run. */
  restricted: z.boolean().default(false),
  machineTags: z.array(z.string()).default([]),
  vulnerabilities: z.array(z.looseObject({ id, severity: id })).default([]),
  /** Who signed in to it: `domain\\name`. */
  logonUsers: z.array(z.looseObject({ id })).optional(),
  missingUpdates: z.array(z.looseObject({ id })).optional(),
});

const machineActionSchema = z.looseObject({
  id,
  type: id,
  machineId: id,
  status: z.enum(['Pending', 'InProgress', 'Succeeded', 'Failed', 'TimeOut', 'Cancelled']),
  creationDateTimeUtc: time,
  /** When the device fetched it. */
  reachedAt: time.optional(),
});

/** https://learn.microsoft.com/defender-endpoint/api/investigation */
const investigationSchema = z.looseObject({
  id,
  startTime: time,
  endTime: time.nullable().default(null),
  state: id,
  machineId: id,
});

/** https://learn.microsoft.com/graph/api/resources/directoryaudit */
const directoryAuditSchema = z.looseObject({
  id,
  activityDateTime: time,
  activityDisplayName: id,
  targetResources: z.array(z.looseObject({ id })),
});

/** https://learn.microsoft.com/graph/api/resources/riskdetection */
const riskDetectionSchema = z.looseObject({
  id,
  userId: id,
  activityDateTime: time,
  riskEventType: id,
  riskLevel: id,
  riskState: id,
});

/** https://learn.microsoft.com/defender-endpoint/api/ti-indicator */
const indicatorSchema = z.looseObject({
  id,
  indicatorValue: id,
  indicatorType: id,
  action: id,
  expirationTime: time.nullable().default(null),
  rbacGroupNames: z.array(id).default([]),
  createdBy: id,
});

const fileSchema = z.looseObject({
  sha1: z.string().regex(/^[0-9a-f]{40}$/, 'a SHA-1 has 40 hexadecimal digits in lower case'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits in lower case'),
  statistics: z.looseObject({}).optional(),
});

/** Devices that connected to an address or a domain; of others there are none. */
const prevalenceSchema = z.looseObject({ of: id, organizationPrevalence: z.int().nonnegative() });

const resourceSchema = z.looseObject({ name: id, kind: id, properties: z.looseObject({}) });
const incidentSchema = z.strictObject({
  name: id,
  /** Assigned by the simulator if absent. */
  etag: z.string().optional(),
  properties: z.looseObject({
    title: id,
    severity: z.enum(['High', 'Medium', 'Low', 'Informational']),
    status: z.enum(['New', 'Active', 'Closed']),
    createdTimeUtc: time,
    lastModifiedTimeUtc: time,
    incidentNumber: z.int(),
    labels: z.array(z.looseObject({ labelName: id })).default([]),
    additionalData: z.looseObject({ commentsCount: z.int().default(0) }),
  }),
  /** `names`: the names of the entities that the alert names. Only the log says so. */
  alerts: z.array(resourceSchema.extend({ names: z.array(id).optional() })).default([]),
  entities: z.array(resourceSchema).default([]),
});

const commentSchema = z.strictObject({
  incident: id,
  name: id,
  etag: z.string(),
  properties: z.looseObject({ message: z.string(), createdTimeUtc: time, lastModifiedTimeUtc: time }),
});

const taskSchema = z.strictObject({
  incident: id,
  name: id,
  etag: z.string(),
  properties: z.looseObject({
    title: z.string().min(1),
    description: z.string().optional(),
    status: z.enum(['New', 'Completed']),
    createdTimeUtc: time,
    lastModifiedTimeUtc: time,
  }),
});

/** An incident of Defender XDR in Microsoft Graph, with its alerts and their evidence. */
const securityIncidentSchema = z.looseObject({
  id: z.string().regex(/^[1-9]\d*$/, 'an id of Defender has digits only'),
  displayName: id,
  severity: id,
  status: z.enum(['active', 'inProgress', 'resolved', 'redirected', 'awaitingAction']),
  redirectIncidentId: z.string().nullable().default(null),
  createdDateTime: time,
  lastUpdateDateTime: time,
  comments: z.array(z.looseObject({ comment: z.string() })).default([]),
  alerts: z.array(z.looseObject({ id })).default([]),
});

const columnSchema = z.strictObject({ name: id, type: id });
/** A query that the workspace can answer; the first that matches is used. */
const querySchema = z.strictObject({
  name: id,
  /** Texts that the constant part of the query must contain. */
  contains: z.array(z.string()).min(1),
  /** Parameters that must have these values, where the query starts with a `params` literal. */
  params: z.record(z.string(), z.unknown()).default({}),
  columns: z.array(columnSchema),
  rows: z.array(z.array(z.unknown())),
  /** The service's text for an incomplete result. */
  partialError: z.string().optional(),
});

/** A team and its channels. */
const teamSchema = z.strictObject({
  id,
  displayName: id,
  botInstalled: z.boolean().default(true),
  channels: z.array(z.strictObject({ id, displayName: id })).min(1),
});
/** A message that the bot has posted, in its current version. */
const channelMessageSchema = z.strictObject({
  id,
  conversationId: id,
  channelId: id,
  activity: z.looseObject({}),
  /** Number of writes. */
  versions: z.int().positive(),
});

/** An event as a publisher sent it, by its place in the order of arrival. */
const publishedEventSchema = z.strictObject({ number: z.int().positive(), event: z.looseObject({}) });

export const tenantSchema = z.strictObject({
  tenant: z.strictObject({
    id,
    displayName: id,
    /** The licence of Entra ID: reports need P1, Identity Protection and eligible roles P2. */
    licence: z.enum(['free', 'P1', 'P2']).default('P2'),
  }),
  app: appSchema,
  workspace: z.strictObject({ subscriptionId: id, resourceGroup: id, name: id, customerId: id }),
  /** How long a connected device takes, in seconds of the tenant's clock. */
  machineActionTiming: z
    .strictObject({ startsAfter: z.number().nonnegative(), endsAfter: z.number().nonnegative() })
    .default({ startsAfter: 20, endsAfter: 75 }),
  /** How long a remediation of messages takes, in seconds of the tenant's clock. */
  emailRemediationSeconds: z.number().nonnegative().default(0),
  users: z.array(userSchema).default([]),
  groups: z.array(groupSchema).default([]),
  directoryAudits: z.array(directoryAuditSchema).default([]),
  riskDetections: z.array(riskDetectionSchema).default([]),
  domains: z.array(domainSchema).default([]),
  mailboxes: z.array(mailboxSchema).default([]),
  emails: z.array(emailSchema).default([]),
  emailPostDeliveryEvents: z.array(emailPostDeliveryEventSchema).default([]),
  emailRemediations: z.array(emailRemediationSchema).default([]),
  urlClicks: z.array(urlClickSchema).default([]),
  servicePrincipals: z.array(servicePrincipalSchema).default([]),
  applications: z.array(applicationSchema).default([]),
  permissionGrants: z.array(permissionGrantSchema).default([]),
  devices: z.array(deviceSchema).default([]),
  machines: z.array(machineSchema).default([]),
  machineActions: z.array(machineActionSchema).default([]),
  investigations: z.array(investigationSchema).default([]),
  indicators: z.array(indicatorSchema).default([]),
  files: z.array(fileSchema).default([]),
  prevalence: z.array(prevalenceSchema).default([]),
  incidents: z.array(incidentSchema).default([]),
  comments: z.array(commentSchema).default([]),
  tasks: z.array(taskSchema).default([]),
  securityIncidents: z.array(securityIncidentSchema).default([]),
  queries: z.array(querySchema).default([]),
  geodata: z.array(z.looseObject({ ipAddr: id })).default([]),
  teams: z.array(teamSchema).default([]),
  channelMessages: z.array(channelMessageSchema).default([]),
  publishedEvents: z.array(publishedEventSchema).default([]),
});

export type TenantState = z.infer<typeof tenantSchema>;
export type User = TenantState['users'][number];
export type DirectoryAudit = TenantState['directoryAudits'][number];
export type RiskDetection = TenantState['riskDetections'][number];
export type DirectoryRole = z.infer<typeof roleSchema>;
export type Group = TenantState['groups'][number];
export type Email = TenantState['emails'][number];
export type Mailbox = TenantState['mailboxes'][number];
export type InboxRule = Mailbox['messageRules'][number];
export type ServicePrincipal = TenantState['servicePrincipals'][number];
export type PermissionGrant = TenantState['permissionGrants'][number];
export type Device = TenantState['devices'][number];
export type Machine = TenantState['machines'][number];
export type MachineAction = TenantState['machineActions'][number];
export type Investigation = TenantState['investigations'][number];
export type Indicator = TenantState['indicators'][number];
export type FileProfile = TenantState['files'][number];
export type SimulatedIncident = TenantState['incidents'][number];
export type SecurityIncident = TenantState['securityIncidents'][number];
export type Comment = TenantState['comments'][number];
export type Task = TenantState['tasks'][number];
export type ChannelMessage = TenantState['channelMessages'][number];
export type RecordedQuery = TenantState['queries'][number];

/** @throws SimulatorError `tenant-invalid`, which lists every error with its place. */
export function parseTenant(value: unknown): TenantState {
  const parsed = tenantSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `  ${place(issue.path)}: ${issue.message}`);
  throw new SimulatorError(
    'tenant-invalid',
    `The simulated tenant has ${mistakes.length} error(s):\n${mistakes.join('\n')}\nSee docs/simulated-tenant.md for the format.`,
  );
}

function place(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (out, part) => (typeof part === 'number' ? `${out}[${part}]` : `${out}.${String(part)}`),
    '$',
  );
}
