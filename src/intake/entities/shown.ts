/** Entities that no response acts on: each kind is a table of its fields and of what identifies it. */
import type { Entity, ShownKind } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { clip, textOf } from '../text.js';
import { fingerprint } from '../warnings.js';
import { saidIn } from './said.js';

interface ShownTable {
  readonly kind: ShownKind;
  /** Field of the entity: the wire names that may hold it, in any letter case, the first of them that is there. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Combinations of fields that identify the entity, the best first. */
  readonly ids: readonly (readonly string[])[];
}

/** By the kind on the wire, in lower case and without separators. */
const SHOWN: Readonly<Record<string, ShownTable>> = {
  mailbox: {
    kind: 'mailbox',
    fields: {
      address: ['mailboxPrimaryAddress'],
      upn: ['upn'],
      displayName: ['displayName'],
      objectId: ['externalDirectoryObjectId', 'AadId'],
    },
    ids: [['address'], ['upn'], ['objectId']],
  },
  mailmessage: {
    kind: 'mailMessage',
    fields: {
      networkMessageId: ['networkMessageId'],
      internetMessageId: ['internetMessageId'],
      recipient: ['recipient'],
      sender: ['p2Sender', 'sender', 'p1Sender'],
      senderIp: ['senderIP'],
      subject: ['subject'],
      deliveryAction: ['deliveryAction'],
      deliveryLocation: ['deliveryLocation'],
    },
    ids: [['networkMessageId', 'recipient'], ['networkMessageId'], ['internetMessageId', 'recipient']],
  },
  mailcluster: {
    kind: 'mailCluster',
    fields: { query: ['query'], count: ['mailCount'] },
    ids: [['query']],
  },
  submissionmail: {
    kind: 'submissionMail',
    fields: {
      submissionId: ['submissionId'],
      networkMessageId: ['networkMessageId'],
      submitter: ['submitter'],
      recipient: ['recipient'],
      sender: ['sender'],
      subject: ['subject'],
      reportType: ['reportType'],
    },
    ids: [['submissionId'], ['networkMessageId', 'recipient']],
  },
  cloudapplication: {
    kind: 'cloudApp',
    fields: { appId: ['appId'], name: ['appName', 'name'], instanceName: ['instanceName'] },
    ids: [['appId', 'instanceName'], ['appId']],
  },
  oauthapplication: {
    kind: 'oauthApp',
    fields: {
      appId: ['appId', 'oAuthAppId'],
      objectId: ['objectId', 'oAuthObjectId'],
      name: ['appName', 'name', 'displayName'],
    },
    ids: [['appId'], ['objectId']],
  },
  azureresource: {
    kind: 'azureResource',
    fields: { resourceId: ['resourceId'] },
    ids: [['resourceId']],
  },
  registrykey: {
    kind: 'registryKey',
    fields: { hive: ['hive'], path: ['key'] },
    ids: [['hive', 'path'], ['path']],
  },
  registryvalue: {
    kind: 'registryValue',
    fields: {
      hive: ['hive'],
      path: ['key'],
      name: ['valueName', 'name'],
      data: ['valueData', 'value'],
      type: ['valueType'],
    },
    ids: [
      ['hive', 'path', 'name'],
      ['path', 'name'],
    ],
  },
  dnsresolution: { kind: 'dns', fields: { domain: ['domainName'] }, ids: [['domain']] },
  malware: {
    kind: 'malware',
    fields: { name: ['malwareName', 'name'], category: ['category'] },
    ids: [['name']],
  },
  securitygroup: {
    kind: 'securityGroup',
    fields: {
      sid: ['sid'],
      objectId: ['objectGuid'],
      distinguishedName: ['distinguishedName'],
      name: ['displayName'],
    },
    ids: [['sid'], ['objectId'], ['distinguishedName']],
  },
  iotdevice: {
    kind: 'iotDevice',
    fields: { deviceId: ['deviceId'], name: ['deviceName'], macAddress: ['macAddress'] },
    ids: [['deviceId'], ['macAddress']],
  },
  nic: { kind: 'nic', fields: { macAddress: ['macAddress'] }, ids: [['macAddress']] },
  cloudlogonsession: {
    kind: 'cloudLogonSession',
    fields: { sessionId: ['sessionId'], userAgent: ['userAgent'] },
    ids: [['sessionId']],
  },
  cloudlogonrequest: {
    kind: 'cloudLogonRequest',
    fields: { requestId: ['requestId'] },
    ids: [['requestId']],
  },
};
/** Other names of these kinds. */
const ALSO: Readonly<Record<string, string>> = { dns: 'dnsresolution', cloudapp: 'cloudapplication' };
const LONGEST = 1_000;

export const isShownKind = (kind: string) => Object.hasOwn(SHOWN, wireKind(kind));
const wireKind = (kind: string) => (Object.hasOwn(ALSO, kind) ? (ALSO[kind] ?? kind) : kind);

/** The entity of such a kind; undefined: another kind, or without any of its fields. @param kind without separators */
export function shownOf(kind: string, properties: unknown): Entity | undefined {
  const table = isShownKind(kind) ? SHOWN[wireKind(kind)] : undefined;
  if (table === undefined) return undefined;
  const said = saidIn(properties);
  const fields: Record<string, string> = {};
  for (const [field, names] of Object.entries(table.fields)) {
    const [value] = names.flatMap(said);
    if (value !== undefined) fields[field] = clip(value, LONGEST);
  }
  if (Object.keys(fields).length === 0) return undefined;
  const id = table.ids.find((parts) => parts.every((part) => fields[part] !== undefined));
  const named = id?.map((part) => lowerCase(fields[part] ?? '')).join(' ');
  const shown = ['subject', 'name', 'displayName', 'address'].flatMap((field) => fields[field] ?? []);
  const [called = textOf(said('friendlyName')[0]) ?? Object.values(fields)[0] ?? ''] = shown;
  const { kind: own } = table;
  return {
    kind: own,
    key: `${own}:${named === undefined ? fingerprint(fields) : clip(named, LONGEST)}`,
    display: clip(called, 200),
    identity: id === undefined ? 'weak' : 'strong',
    ...fields,
  };
}
