import type { Entity, EntityOf } from '../domain/entities.js';
import { bareName, type Involved, type InvolvedAccount } from '../domain/involved.js';
import { lowerCase } from '../domain/letters.js';
import { accountOf } from './entities/account.js';
import { without } from './entities/without.js';
import { fieldOf, isObject, textOf } from './text.js';
import { canonicalJson } from './warnings.js';

/** What their values say was written by anybody: a command line that lists all approvers must not keep them from deciding. */
const CONTENT = new Set(
  'process file filehash url ip dnsresolution registrykey registryvalue malware nic'.split(' '),
);
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SID = /^S-1(?:-\d{1,20}){2,15}$/;
const ADDRESS = /^[^\s@]{1,256}@[^\s@]{1,256}$/;
const SEPARATORS = /[\s;,<>"'()]+/;
/** Of all others a GUID may be a device's. */
const PEOPLE = new Set(['account', 'mailbox', 'mailmessage', 'mailcluster', 'submissionmail']);
/** What a mail calls its sender is the sender's choice: of mails only addresses count. */
const MAIL = new Set(['mailmessage', 'mailcluster', 'submissionmail']);
const NAME = /^(?:accountName|displayName|friendlyName|userName|ownerName)$/i;
const HOST_NAMES: ReadonlySet<string> = new Set(['hostName', 'fqdn', 'netBiosName', 'friendlyName']);
const LONGEST = 4_000;
const DEEPEST = 20;

/** @param entities and alerts as Sentinel answered them. @param known the entities that were recognised among them. */
export function involvedOf(
  entities: readonly unknown[],
  alerts: readonly unknown[],
  known: readonly Entity[],
): Involved {
  const found = new Found();
  for (const entity of entities) {
    const kind = lowerCase(textOf(fieldOf(entity, 'kind')) ?? '');
    if (CONTENT.has(kind)) continue;
    const properties = fieldOf(entity, 'properties');
    const names: string[] = [];
    walk(properties, (key, text) => {
      found.identifiers(text);
      if (!PEOPLE.has(kind)) found.device(text);
      if (NAME.test(key)) names.push(text);
    });
    if (kind === 'account') found.account(accountOf(properties), fieldOf(properties, 'displayName'));
    else if (kind !== 'host' && !MAIL.has(kind)) for (const name of names) found.named(name);
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
    const { hostName, fqdn, further = [] } = entity;
    const names = further.flatMap(({ id, value }) => (HOST_NAMES.has(id) ? [value] : []));
    for (const name of [hostName, fqdn, ...names]) found.deviceNamed(name ?? '');
  }
  return found.all();
}

class Found {
  readonly #devices = new Set<string>();
  readonly #deviceNames = new Set<string>();
  readonly #objectIds = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #sids = new Set<string>();
  readonly #accounts = new Map<string, InvolvedAccount>();

  /** What can only be one person's, also several of them in one text. */
  identifiers(text: string): void {
    for (const part of text.slice(0, LONGEST).split(SEPARATORS)) {
      const word = part.replace(/^(?:smtp|mailto|sip):/i, '');
      if (GUID.test(lowerCase(word))) this.#objectIds.add(lowerCase(word));
      else if (SID.test(word.toUpperCase())) this.#sids.add(word.toUpperCase());
      else if (ADDRESS.test(word)) this.#addresses.add(lowerCase(word));
    }
  }

  account(account: EntityOf<'account'> | undefined, shown: unknown): void {
    const { objectId, upn, sid, name } = account ?? {};
    this.#add(without({ objectId, upn, sid, name, displayName: textOf(shown) }));
  }

  device(text: string): void {
    if (GUID.test(lowerCase(text))) this.#devices.add(lowerCase(text));
  }

  /** `DOMAIN\name`, a full name or a bare one; also with the sign that Windows ends a computer's account with. */
  deviceNamed(text: string): void {
    const name = text.slice(0, LONGEST).split('\\').at(-1) ?? '';
    for (const bare of bareName(name.replace(/\$$/, ''))) this.#deviceNames.add(bare);
  }

  /** What others may be called, too. */
  named(text: string): void {
    const name = text.split('\\').at(-1)?.split('@', 1)[0]?.trim().slice(0, 256);
    const upn = ADDRESS.test(text) ? lowerCase(text) : undefined;
    if (name) this.#add(without({ upn, name, displayName: name }));
  }

  #add(account: InvolvedAccount): void {
    if (Object.keys(account).length > 0) this.#accounts.set(canonicalJson(account), account);
  }

  all(): Involved {
    const keys = [...this.#accounts.keys()].sort();
    return {
      objectIds: [...this.#objectIds].sort(),
      addresses: [...this.#addresses].sort(),
      sids: [...this.#sids].sort(),
      accounts: keys.flatMap((key) => this.#accounts.get(key) ?? []),
      devices: [...this.#devices].sort(),
      deviceNames: [...this.#deviceNames].sort(),
    };
  }
}

/** All texts in a value with the key that they stand under; what is nested deeper than anything sensible is left out. */
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
