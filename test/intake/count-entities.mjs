// Counts the distinct entities in an export of SecurityIncident and SecurityAlert, straight from its JSON after resolving
// references, without any code of the app: the measure for what the intake reads.
//   node test/intake/count-entities.mjs FILE…
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** The properties that identify an entity of a type; the first combination that is complete. */
const IDENTITY = {
  account: [['AadUserId'], ['Sid'], ['UserPrincipalName'], ['NTDomain', 'Name'], ['Name']],
  host: [['MdatpDeviceId'], ['AadDeviceId'], ['FQDN'], ['HostName']],
  ip: [['Address']],
  url: [['Url']],
  filehash: [['Value']],
  file: [['FileHashes'], ['Directory', 'Name'], ['Name']],
  process: [['ProcessId', 'CreationTimeUtc', 'CommandLine']],
  mailbox: [['MailboxPrimaryAddress']],
  mailmessage: [['NetworkMessageId', 'Recipient']],
  'cloud-application': [['AppId', 'InstanceName'], ['AppId']],
  'oauth-application': [['AppId']],
  'cloud-logon-session': [['SessionId']],
  'cloud-logon-request': [['RequestId']],
  'registry-key': [['Hive', 'Key']],
  'registry-value': [['Key', 'Name']],
};

/** Distinct entities by type, in lower case. */
export function countEntities(exported) {
  const found = new Map();
  for (const alert of exported.SecurityAlert) {
    const byId = new Map();
    const list = JSON.parse(alert.Entities);
    walk(list, (node) => node.$id !== undefined && byId.set(node.$id, node));
    const resolve = (node) => (node?.$ref === undefined ? node : byId.get(node.$ref));
    walk(list, (node) => {
      const entity = resolve(node);
      if (entity?.Type === undefined) return;
      const type = entity.Type.toLowerCase();
      const named = IDENTITY[type]?.find((names) => names.every((name) => filled(entity[name])));
      const values = (named ?? Object.keys(entity)).map((name) => plain(resolve(entity[name]), resolve));
      const ids = found.get(type) ?? new Set();
      found.set(type, ids.add(values.join(' ')));
    });
  }
  return Object.fromEntries([...found].sort().map(([type, ids]) => [type, ids.size]));
}

const filled = (value) => value !== undefined && value !== null && value !== '';

/** A file has the identity of its strongest hash, and a registry value that of its key. */
function plain(value, resolve) {
  if (Array.isArray(value)) {
    const hashes = value.map(resolve).map((hash) => hash.Value);
    return hashes.sort((a, b) => b.length - a.length)[0]?.toLowerCase();
  }
  if (value?.Hive !== undefined) return `${value.Hive} ${value.Key}`.toLowerCase();
  return String(value).toLowerCase();
}

function walk(value, see) {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) see(value);
  // People who are signed in to a device are no entities of the alert.
  for (const [key, part] of Object.entries(value)) if (key !== 'LoggedOnUsers') walk(part, see);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const file of process.argv.slice(2)) {
    const counts = countEntities(JSON.parse(readFileSync(file, 'utf8')));
    const sum = Object.values(counts).reduce((a, b) => a + b, 0);
    console.log(file, sum, JSON.stringify(counts));
  }
}
