import type { Entity } from '../domain/entities.js';
import type { Involved } from '../domain/involved.js';
import { lowerCase } from '../domain/unicode-text.js';
import { accountOf } from './entities/account.js';
import type { ReadAccounts } from './entities/index.js';
import { Found } from './involved-found.js';
import { fieldOf, isObject, textOf } from './text.js';

/** Anyone can write the values of these kinds: a command line that lists all approvers must not block them. */
const CONTENT = new Set(
  'process file filehash url ip dnsresolution registrykey registryvalue malware nic'.split(' '),
);
/** In all other kinds, a GUID may be a device id. */
const PEOPLE = new Set(['account', 'mailbox', 'mailmessage', 'mailcluster', 'submissionmail']);
/** Senders choose their own display names: only the addresses in mails count. */
const MAIL = new Set(['mailmessage', 'mailcluster', 'submissionmail']);
/** Keys of people's names. In a host, only the keys for logged-on users and owners. */
const NAME = /^(?:accountName|displayName|friendlyName|userName|ownerName|owners)$/i;
const NAME_IN_HOST = /^(?:accountName|userName|ownerName|owners)$/i;
const DEVICE_NAME = /^(?:hostName|netBiosName|fqdn|deviceName|computerDnsName)$/i;
const AZURE_MACHINES: ReadonlySet<string> = new Set(['virtualmachines', 'machines']);
const HOST_NAMES: ReadonlySet<string> = new Set(['hostName', 'fqdn', 'netBiosName', 'friendlyName']);
const DEEPEST = 20;

/**
 * @param entities and `alerts` as Sentinel returned them.
 * @param known the normalised entities.
 * @param accounts what was read already, by the entity in `entities`.
 */
export function involvedOf(
  entities: readonly unknown[],
  alerts: readonly unknown[],
  known: readonly Entity[],
  accounts: ReadAccounts,
): Involved {
  const found = new Found();
  for (const entity of entities) {
    const kind = lowerCase(textOf(fieldOf(entity, 'kind')) ?? '');
    if (CONTENT.has(kind)) continue;
    const properties = fieldOf(entity, 'properties');
    const named = kind === 'host' ? NAME_IN_HOST : NAME;
    walk(properties, (key, text) => {
      found.identifiers(text);
      if (kind !== 'account' && !MAIL.has(kind) && named.test(key)) found.named(text);
      if (PEOPLE.has(kind)) return;
      found.device(text);
      if (kind === 'host') return;
      if (DEVICE_NAME.test(key)) found.deviceNamed(text);
      found.deviceNamed(azureName(text));
    });
    if (kind !== 'account') continue;
    const account = accounts.has(entity) ? accounts.get(entity) : accountOf(properties);
    found.account(account, fieldOf(properties, 'displayName'));
  }
  for (const alert of alerts) {
    const compromised = textOf(fieldOf(fieldOf(alert, 'properties'), 'compromisedEntity'));
    if (compromised === undefined) continue;
    found.identifiers(compromised);
    found.named(compromised);
    found.device(compromised);
    found.deviceNamed(compromised);
  }
  for (const entity of known) {
    if (entity.kind !== 'host' || entity.aadDeviceId !== undefined) continue;
    const { hostName, fqdn, azureId, further = [] } = entity;
    const names = further.flatMap(({ id, value }) => (HOST_NAMES.has(id) ? [value] : []));
    const all = [hostName, fqdn, azureName(azureId ?? ''), ...names];
    for (const name of all) found.deviceNamed(name ?? '');
  }
  return found.all();
}

/** The machine name at the end of an Azure resource id; empty for any other text. */
function azureName(id: string): string {
  const [type = '', name = ''] = id.startsWith('/') ? id.split('/').slice(-2) : [];
  return AZURE_MACHINES.has(lowerCase(type)) ? name : '';
}

/** Visits all texts in a value with their keys, down to `DEEPEST` levels. */
function walk(value: unknown, see: (key: string, text: string) => void): void {
  const waiting: { key: string; value: unknown; depth: number }[] = [{ key: '', value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { key, value: one, depth } = next;
    const text = textOf(one);
    if (text !== undefined) see(key, text);
    if (depth >= DEEPEST) continue;
    if (Array.isArray(one)) for (const item of one) waiting.push({ key, value: item, depth: depth + 1 });
    else if (isObject(one)) {
      for (const [name, item] of Object.entries(one))
        waiting.push({ key: name, value: item, depth: depth + 1 });
    }
  }
}
