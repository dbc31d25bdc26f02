import type { EntityOf } from '../domain/entities.js';
import { bareName, type Involved, type InvolvedAccount } from '../domain/involved.js';
import { lowerCase } from '../domain/letters.js';
import { without } from './entities/without.js';
import { textOf } from './text.js';
import { canonicalJson } from './warnings.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SID = /^S-1(?:-\d{1,20}){2,15}$/;
const ADDRESS = /^[^\s@]{1,256}@[^\s@]{1,256}$/;
const SEPARATORS = /[\s;,<>"'()]+/;
const NAMES: ReadonlySet<string> = new Set(['name', 'displayName', 'friendlyName']);
const LONGEST = 4_000;

/** Gathers whom an incident names, each by whatever it names them. */
export class Found {
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

  /** Under every name that it has. `shown`: also where nothing else identifies it. */
  account(account: EntityOf<'account'> | undefined, shown: unknown): void {
    const { objectId, upn, sid, name, further = [] } = account ?? {};
    this.#add(without({ objectId, upn, sid, name, displayName: textOf(shown) }));
    for (const { id, value } of further) {
      const called = value.split('\\').at(-1)?.split('@', 1)[0];
      if (NAMES.has(id) && called)
        this.#add({ ...without({ objectId, sid }), name: called, displayName: value });
    }
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
