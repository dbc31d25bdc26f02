/** Normalised entities of an incident. src/intake hides the wire shapes and their quirks. */
import { z } from 'zod';

const text = z.string().min(1);
const common = {
  /** Canonical identity, e.g. `account:oid:{guid}`, `host:mde:{id}`, `ip:203.0.113.7`. Unique within an incident. */
  key: text,
  /** Display name. Hostile text: escape it at the point of output. */
  display: z.string(),
  /**
   * `weak`: a bare name or similar. It is shown, but no response acts on it. `built-in`: an account of Windows or of a
   * computer; no enrichment and no rule is about it.
   */
  identity: z.enum(['strong', 'weak', 'built-in']),
  /** What the product says about it. Absent: nothing. */
  verdict: z.enum(['malicious', 'suspicious', 'clean']).optional(),
};

/** Identifiers without a field of their own, or with a value that differs from the field. */
export const furtherIdSchema = z.object({
  id: z.enum([
    ...(['objectId', 'upn', 'upnSuffix', 'sid', 'tenantId', 'name', 'ntDomain', 'displayName'] as const),
    ...(['puid', 'objectGuid', 'friendlyName'] as const),
    ...([
      'mdeId',
      'aadDeviceId',
      'azureId',
      'fqdn',
      'hostName',
      'netBiosName',
      'dnsDomain',
      'omsAgentId',
    ] as const),
  ]),
  value: text,
});
export type FurtherId = z.infer<typeof furtherIdSchema>;
const further = z.array(furtherIdSchema).optional();

export const accountSchema = z.object({
  kind: z.literal('account'),
  ...common,
  objectId: text.optional(),
  upn: text.optional(),
  sid: text.optional(),
  name: text.optional(),
  ntDomain: text.optional(),
  tenantId: text.optional(),
  further,
});
export const hostSchema = z.object({
  kind: z.literal('host'),
  ...common,
  mdeId: text.optional(),
  aadDeviceId: text.optional(),
  azureId: text.optional(),
  hostName: text.optional(),
  dnsDomain: text.optional(),
  fqdn: text.optional(),
  os: text.optional(),
  further,
});
export const ipSchema = z.object({
  kind: z.literal('ip'),
  ...common,
  address: text,
  scope: z.enum(['public', 'private', 'other']),
});
export const hashAlgorithmSchema = z.enum(['md5', 'sha1', 'sha256', 'other']);
export const fileHashSchema = z.object({
  kind: z.literal('fileHash'),
  ...common,
  algorithm: hashAlgorithmSchema,
  value: text,
});
export const fileSchema = z.object({
  kind: z.literal('file'),
  ...common,
  name: z.string(),
  directory: text.optional(),
  hashes: z.array(z.object({ algorithm: hashAlgorithmSchema, value: text })),
});
export const processSchema = z.object({
  kind: z.literal('process'),
  ...common,
  pid: text.optional(),
  commandLine: text.optional(),
  image: text.optional(),
});
export const urlSchema = z.object({ kind: z.literal('url'), ...common, url: text });
/** Kinds with optional fields only: they are shown, and the people in them are involved. */
const shown = <K extends string, F extends Record<string, z.ZodType>>(kind: K, fields: F) =>
  z.object({ kind: z.literal(kind), ...common, ...fields });
const some = text.optional();
export const shownSchemas = {
  mailbox: shown('mailbox', { address: some, upn: some, displayName: some, objectId: some }),
  mailMessage: shown('mailMessage', {
    networkMessageId: some,
    internetMessageId: some,
    recipient: some,
    sender: some,
    senderIp: some,
    subject: some,
    deliveryAction: some,
    deliveryLocation: some,
  }),
  mailCluster: shown('mailCluster', { query: some, count: some }),
  submissionMail: shown('submissionMail', {
    submissionId: some,
    networkMessageId: some,
    submitter: some,
    recipient: some,
    sender: some,
    subject: some,
    reportType: some,
  }),
  cloudApp: shown('cloudApp', { appId: some, name: some, instanceName: some }),
  oauthApp: shown('oauthApp', { appId: some, objectId: some, name: some }),
  azureResource: shown('azureResource', { resourceId: some }),
  registryKey: shown('registryKey', { hive: some, path: some }),
  registryValue: shown('registryValue', { hive: some, path: some, name: some, data: some, type: some }),
  dns: shown('dns', { domain: some }),
  malware: shown('malware', { name: some, category: some }),
  securityGroup: shown('securityGroup', { sid: some, objectId: some, distinguishedName: some, name: some }),
  iotDevice: shown('iotDevice', { deviceId: some, name: some, macAddress: some }),
  nic: shown('nic', { macAddress: some }),
  cloudLogonSession: shown('cloudLogonSession', { sessionId: some, userAgent: some }),
  cloudLogonRequest: shown('cloudLogonRequest', { requestId: some }),
};
export type ShownKind = keyof typeof shownSchemas;
export const otherEntitySchema = z.object({ kind: z.literal('other'), ...common, originalKind: z.string() });

const { mailbox, mailMessage, mailCluster, submissionMail, cloudApp, oauthApp, azureResource } = shownSchemas;
const { registryKey, registryValue, dns, malware, securityGroup, iotDevice, nic } = shownSchemas;
const { cloudLogonSession, cloudLogonRequest } = shownSchemas;
export const entitySchema = z.discriminatedUnion('kind', [
  ...([accountSchema, hostSchema, ipSchema, fileHashSchema, fileSchema, processSchema, urlSchema] as const),
  ...([mailbox, mailMessage, mailCluster, submissionMail, cloudApp, oauthApp, azureResource] as const),
  ...([registryKey, registryValue, dns, malware, securityGroup, iotDevice, nic] as const),
  ...([cloudLogonSession, cloudLogonRequest, otherEntitySchema] as const),
]);
export type Entity = z.infer<typeof entitySchema>;
export type EntityKind = Entity['kind'];
export type EntityOf<K extends EntityKind> = Extract<Entity, { kind: K }>;
