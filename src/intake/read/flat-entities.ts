/** Flat entities, of which one record has the columns of all kinds: the retired Defender APIs and the streaming API. */
import { fieldOf, firstText, type Json } from '../text.js';
import type { Collector } from './collector.js';

/** Adds the entities of one record. An unknown type passes unchanged, under its own name. */
export function readFlatEntity(record: Json, collector: Collector): void {
  const of = (...keys: string[]) => firstText(record, ...keys);
  const type = of('entityType') ?? 'entity';
  const said = {
    verdict: of('verdict'),
    remediationStatus: of('remediationStatus'),
    roles: of('evidenceRole', 'roles'),
  };
  const file = () => ({
    fileName: of('fileName'),
    filePath: of('filePath', 'folderPath'),
    sha1: of('sha1'),
    sha256: of('sha256'),
  });
  const registry = () => ({ hive: of('registryHive'), key: of('registryKey') });
  const readers: Readonly<Record<string, () => unknown>> = {
    user: () => collector.account(record, said),
    file: () => collector.file(file(), said),
    process: () =>
      collector.add('Process', {
        ...said,
        processId: of('processId'),
        commandLine: of('processCommandLine'),
        creationTimeUtc: of('processCreationTime'),
        imageFileEntityId: collector.file(file()),
      }),
    ip: () => collector.add('Ip', { ...said, address: of('ipAddress', 'remoteIP', 'localIP') }),
    url: () => collector.add('Url', { ...said, url: of('url', 'remoteUrl') }),
    machine: () => readDevice(record, collector),
    mailbox: () =>
      collector.add('Mailbox', {
        ...said,
        mailboxPrimaryAddress: of('mailboxAddress', 'accountUpn'),
        upn: of('userPrincipalName', 'accountUpn'),
        displayName: of('mailboxDisplayName'),
        externalDirectoryObjectId: of('aadUserId', 'accountObjectId'),
      }),
    mailmessage: () =>
      collector.add('MailMessage', {
        ...said,
        networkMessageId: of('networkMessageId'),
        internetMessageId: of('internetMessageId'),
        recipient: of('recipient'),
        sender: of('sender'),
        subject: of('subject', 'emailSubject'),
        deliveryAction: of('deliveryAction'),
      }),
    mailcluster: () =>
      collector.add('MailCluster', { ...said, query: of('query', 'clusterBy'), mailCount: of('mailCount') }),
    cloudapplication: () =>
      collector.add('CloudApplication', { ...said, appId: of('applicationId'), appName: of('application') }),
    oauthapplication: () =>
      collector.add('OAuthApplication', {
        ...said,
        appId: of('oAuthApplicationId'),
        name: of('application'),
      }),
    cloudresource: () =>
      collector.add('AzureResource', { ...said, resourceId: of('resourceID', 'cloudResource') }),
    registry: () => collector.add('RegistryKey', { ...said, ...registry() }),
    registrykey: () => collector.add('RegistryKey', { ...said, ...registry() }),
    registryvalue: () =>
      collector.add('RegistryValue', {
        ...said,
        ...registry(),
        valueName: of('registryValueName'),
        valueData: of('registryValue', 'registryValueData'),
      }),
    securitygroup: () =>
      collector.add('SecurityGroup', {
        ...said,
        objectGuid: of('securityGroupId'),
        displayName: of('securityGroupName'),
      }),
    malware: () => collector.add('Malware', { ...said, malwareName: of('threatFamily', 'malwareName') }),
  };
  const key = type.toLowerCase().replace(/[-_\s]/g, '');
  const before = collector.entities.length;
  if (Object.hasOwn(readers, key)) readers[key]?.();
  if (collector.entities.length === before) collector.add(type, record);
}

/** A device of the retired APIs, or the device columns of a record. */
export function readDevice(record: unknown, collector: Collector): void {
  const of = (...keys: string[]) => firstText(record, ...keys);
  const ids = { MdatpDeviceId: of('mdatpDeviceId', 'deviceId', 'machineId'), AadDeviceId: of('aadDeviceId') };
  const names = { FQDN: of('deviceDnsName', 'computerDnsName', 'deviceName'), osFamily: of('osPlatform') };
  if ([ids.MdatpDeviceId, ids.AadDeviceId, names.FQDN].every((value) => value === undefined)) return;
  collector.add('Host', { ...ids, ...names, loggedOnUsers: fieldOf(record, 'loggedOnUsers') });
}
