/** Evidence of Microsoft Graph alerts: https://learn.microsoft.com/graph/api/resources/security-alertevidence */
import { fieldOf, type Json, textOf } from '../text.js';
import type { Collector } from './collector.js';

type Reader = (of: (key: string) => unknown, collector: Collector, common: Json) => void;

/** By the end of `@odata.type`, in lower case and without `Evidence`. */
const READERS: Readonly<Record<string, Reader>> = {
  user: (of, collector, common) => collector.account(of('userAccount'), common),
  device: (of, collector, common) =>
    collector.add('Host', {
      ...common,
      MdatpDeviceId: of('mdeDeviceId'),
      AadDeviceId: of('azureAdDeviceId'),
      FQDN: of('deviceDnsName'),
      hostName: of('hostName'),
      ntDomain: of('ntDomain'),
      azureID: fieldOf(of('vmMetadata'), 'resourceId'),
      osFamily: of('osPlatform'),
      osVersion: of('version'),
      loggedOnUsers: of('loggedOnUsers'),
    }),
  ip: (of, collector, common) => collector.add('Ip', { ...common, address: of('ipAddress') }),
  url: (of, collector, common) => collector.add('Url', { ...common, url: of('url') }),
  file: (of, collector, common) => collector.file(of('fileDetails'), common),
  filehash: (of, collector, common) =>
    collector.add('FileHash', { ...common, algorithm: of('algorithm'), hashValue: of('value') }),
  process: (of, collector, common) => {
    const imageFileEntityId = collector.file(of('imageFile'));
    collector.file(of('parentProcessImageFile'));
    const accountEntityId = collector.account(of('userAccount'));
    collector.add('Process', {
      ...common,
      processId: of('processId'),
      commandLine: of('processCommandLine'),
      creationTimeUtc: of('processCreationDateTime'),
      hostEntityId: of('mdeDeviceId'),
      imageFileEntityId,
      accountEntityId,
    });
  },
  mailbox: (of, collector, common) => {
    const user = of('userAccount');
    collector.account(user);
    collector.add('Mailbox', {
      ...common,
      mailboxPrimaryAddress: of('primaryAddress'),
      upn: of('upn') ?? fieldOf(user, 'userPrincipalName'),
      displayName: of('displayName'),
      externalDirectoryObjectId: fieldOf(user, 'azureAdUserId'),
    });
  },
  analyzedmessage: (of, collector, common) =>
    collector.add('MailMessage', {
      ...common,
      networkMessageId: of('networkMessageId'),
      internetMessageId: of('internetMessageId'),
      recipient: of('recipientEmailAddress'),
      p1Sender: fieldOf(of('p1Sender'), 'emailAddress'),
      p2Sender: fieldOf(of('p2Sender'), 'emailAddress'),
      senderIP: of('senderIp'),
      subject: of('subject'),
      urls: of('urls'),
      deliveryAction: of('deliveryAction'),
      deliveryLocation: of('deliveryLocation'),
    }),
  mailcluster: (of, collector, common) =>
    collector.add('MailCluster', { ...common, query: of('query'), mailCount: of('emailCount') }),
  submissionmail: (of, collector, common) =>
    collector.add('SubmissionMail', {
      ...common,
      ...named(of, [
        'networkMessageId',
        'recipient',
        'sender',
        'subject',
        'submissionId',
        'submitter',
        'reportType',
      ]),
    }),
  cloudapplication: (of, collector, common) =>
    collector.add('CloudApplication', {
      ...common,
      appId: of('appId'),
      appName: of('displayName'),
      instanceName: of('instanceName'),
    }),
  oauthapplication: (of, collector, common) =>
    collector.add('OAuthApplication', { ...common, ...named(of, ['appId', 'objectId', 'displayName']) }),
  registrykey: (of, collector, common) =>
    collector.add('RegistryKey', { ...common, hive: of('registryHive'), key: of('registryKey') }),
  registryvalue: (of, collector, common) =>
    collector.add('RegistryValue', {
      ...common,
      hive: of('registryHive'),
      key: of('registryKey'),
      valueName: of('registryValueName'),
      valueData: of('registryValue'),
      valueType: of('registryValueType'),
    }),
  securitygroup: (of, collector, common) =>
    collector.add('SecurityGroup', {
      ...common,
      ...named(of, ['sid', 'distinguishedName', 'displayName']),
      objectGuid: of('securityGroupId'),
    }),
  azureresource: (of, collector, common) =>
    collector.add('AzureResource', { ...common, resourceId: of('resourceId') }),
  dns: (of, collector, common) => collector.add('Dns', { ...common, domainName: of('domainName') }),
  malware: (of, collector, common) =>
    collector.add('Malware', { ...common, malwareName: of('name'), category: of('category') }),
  iotdevice: (of, collector, common) =>
    collector.add('IoTDevice', { ...common, ...named(of, ['deviceId', 'deviceName', 'macAddress']) }),
  nic: (of, collector, common) => collector.add('Nic', { ...common, macAddress: of('macAddress') }),
  cloudlogonsession: (of, collector, common) => {
    collector.account(fieldOf(of('account'), 'userAccount'));
    collector.add('CloudLogonSession', { ...common, ...named(of, ['sessionId', 'userAgent']) });
  },
  cloudlogonrequest: (of, collector, common) =>
    collector.add('CloudLogonRequest', { ...common, requestId: of('requestId') }),
};

const named = (of: (key: string) => unknown, keys: readonly string[]): Json =>
  Object.fromEntries(keys.map((key) => [key, of(key)]));

/** What evidence of every type says about its entity. */
const saidOf = (evidence: Json): Json => ({
  verdict: fieldOf(evidence, 'verdict'),
  remediationStatus: fieldOf(evidence, 'remediationStatus'),
  roles: fieldOf(evidence, 'roles'),
});

/** Adds the entities of one evidence. An unknown type passes unchanged, under its own name. */
export function readEvidence(evidence: Json, collector: Collector): void {
  const type = textOf(fieldOf(evidence, '@odata.type')) ?? '';
  const name = type.split('.').at(-1) ?? '';
  const key = name.toLowerCase().replace(/evidence$/, '');
  const before = collector.entities.length;
  if (Object.hasOwn(READERS, key)) {
    READERS[key]?.((field) => fieldOf(evidence, field), collector, saidOf(evidence));
  }
  if (collector.entities.length === before) collector.add(name === '' ? 'evidence' : name, evidence);
}
