import type { EntityOf } from '../domain/entities.js';
import { bareName, type Involved, type InvolvedAccount } from '../domain/involved.js';
import { lowerCase } from '../domain/unicode-text.js';
import { omitUndefined } from './entities/omit-undefined.js';
import { textOf } from './text.js';
import { canonicalJson } from './warnings.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SID = /^S-1(?:-\d{1,20}){2,15}$/;
const ADDRESS = /^[^\s@]{1,256}@[^\s@]{1,256}$/;
const SEPARATORS = /[\s;,<>"'()]+/;
const NAMES: ReadonlySet<string> = new Set(['name', 'displayName', 'friendlyName']);
const LONGEST = 4_000;

/** Most texts have another length, which is compared much faster. */
const isGuid = (text: string) => text.length === 36 && GUID.test(lowerCase(text));

/** Collects the people and devices that an incident names, with all their identifiers. */
export class Found {
  readonly #devices = new Set<string>();
  readonly #deviceNames = new Set<string>();
  readonly #objectIds = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #sids = new Set<string>();
  readonly #accounts = new Map<string, InvolvedAccount>();

  /** Adds the unique identifiers (GUIDs, SIDs, addresses) in a text. */
  identifiers(text: string): void {
    if (!/[-@]/.test(text)) return;
    for (const part of text.slice(0, LONGEST).split(SEPARATORS)) {
      const word = part.replace(/^(?:smtp|mailto|sip):/i, '');
      if (isGuid(word)) this.#objectIds.add(lowerCase(word));
      else if (SID.test(word.toUpperCase())) this.#sids.add(word.toUpperCase());
      else if (ADDRESS.test(word)) this.#addresses.add(lowerCase(word));
    }
  }

  /** Adds an account under each of its names. `shown` is its display name, which counts even without an account. */
  account(account: EntityOf<'account'> | undefined, shown: unknown): void {
    const { objectId, upn, sid, name, further = [] } = account ?? {};
    this.#add(omitUndefined({ objectId, upn, sid, name, displayName: textOf(shown) }));
    for (const { id, value } of further) {
      const called = value.split('\\').at(-1)?.split('@', 1)[0];
      if (NAMES.has(id) && called)
        this.#add({ ...omitUndefined({ objectId, sid }), name: called, displayName: value });
    }
  }

  device(text: string): void {
    if (isGuid(text)) this.#devices.add(lowerCase(text));
  }

  /** Accepts `DOMAIN\name`, a full or a bare name, with or without the `$` of a computer account. */
  deviceNamed(text: string): void {
    if (text === '') return;
    const name = text.slice(0, LONGEST).split('\\').at(-1) ?? '';
    for (const bare of bareName(name.replace(/\$$/, ''))) this.#deviceNames.add(bare);
  }

  /** Adds a name that need not be unique. */
  named(text: string): void {
    const name = text.split('\\').at(-1)?.split('@', 1)[0]?.trim().slice(0, 256);
    const upn = ADDRESS.test(text) ? lowerCase(text) : undefined;
    if (name) this.#add(omitUndefined({ upn, name, displayName: name }));
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
