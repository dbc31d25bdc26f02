/** The keys that the simulated Bot Connector signs its calls with. */
import { SigningKey } from '../../signing-keys.js';
import type { KeyStore } from '../../store.js';

/** `msteams`: endorsed for Teams. `other`: a genuine key of the service without that endorsement. */
export type KeyRole = 'msteams' | 'other';

const ENDORSEMENTS: Readonly<Record<KeyRole, readonly string[]>> = {
  msteams: ['msteams', 'emulator'],
  other: ['webchat', 'directline'],
};

export class ConnectorKeys {
  readonly #keys: Readonly<Record<KeyRole, SigningKey>>;

  constructor(keyStore: KeyStore) {
    this.#keys = {
      msteams: new SigningKey(keyStore, 'simulated-msteams'),
      other: new SigningKey(keyStore, 'simulated-other'),
    };
  }

  /** Replaces the keys: the old ones are no longer published or used. */
  rotate(): void {
    for (const key of Object.values(this.#keys)) key.rotate();
  }

  /** https://login.botframework.com/v1/.well-known/keys */
  published(): unknown {
    return { keys: [this.#published('msteams'), this.#published('other')] };
  }

  /** A signed token. Claims are used unchanged, right or wrong. */
  sign(role: KeyRole, claims: Readonly<Record<string, unknown>>): string {
    const key = this.#keys[role];
    return key.token({ alg: 'RS256', kid: key.id, x5t: key.id, typ: 'JWT' }, claims);
  }

  #published(role: KeyRole): unknown {
    const { id, published } = this.#keys[role];
    return { ...published, x5t: id, endorsements: ENDORSEMENTS[role] };
  }
}
