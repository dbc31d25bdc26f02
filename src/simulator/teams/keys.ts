/** The keys that the simulated Bot Connector signs its calls with, made when they are first needed. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** `msteams`: speaks for Teams. `other`: a genuine key of the service that may not. */
export type KeyRole = 'msteams' | 'other';

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly published: Readonly<Record<string, unknown>>;
}

const ENDORSEMENTS: Readonly<Record<KeyRole, readonly string[]>> = {
  msteams: ['msteams', 'emulator'],
  other: ['webchat', 'directline'],
};

export class ConnectorKeys {
  #generation = 1;
  #keys = new Map<KeyRole, Key>();

  /** The old keys are no longer published, and sign nothing any more. */
  rotate(): void {
    this.#generation += 1;
    this.#keys.clear();
  }

  /** https://login.botframework.com/v1/.well-known/keys */
  published(): unknown {
    return { keys: [this.#key('msteams').published, this.#key('other').published] };
  }

  /** A signed token. Header and claims are taken as they are, right or wrong. */
  sign(role: KeyRole, claims: Readonly<Record<string, unknown>>): string {
    const { id, privateKey } = this.#key(role);
    const header = { alg: 'RS256', kid: id, x5t: id, typ: 'JWT' };
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
  }

  #key(role: KeyRole): Key {
    const known = this.#keys.get(role);
    if (known !== undefined) return known;
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const id = `simulated-${role}-${this.#generation}`;
    const { n, e } = publicKey.export({ format: 'jwk' });
    const published = { kty: 'RSA', use: 'sig', kid: id, x5t: id, n, e, endorsements: ENDORSEMENTS[role] };
    const key = { id, privateKey, published };
    this.#keys.set(role, key);
    return key;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
