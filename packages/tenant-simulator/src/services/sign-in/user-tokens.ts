/** Tokens of the simulated tenant's users for its own apps, and their signing keys. */

import type { Route } from '../../router.js';
import { SigningKey } from '../../signing-keys.js';
import type { KeyStore } from '../../store.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { SIGN_IN } from './host.js';

const TOKEN_SECONDS = 3600;

/** Claims that differ from the default; undefined removes a claim. */
export interface UserTokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}
export interface SimulatedSignIn {
  /** An access token (version 2) of one of the tenant's users for an app, signed as Entra does. */
  userToken(userId: string, audience: string, change?: UserTokenChange): string;
  /** Replaces the key: the old one is no longer published or used. */
  rotateKeys(): void;
}

export class EntraService implements SimulatedSignIn {
  readonly #key: SigningKey;

  constructor(
    private readonly db: () => TenantDatabase,
    private readonly clock: { now(): number },
    keyStore: KeyStore,
  ) {
    this.#key = new SigningKey(keyStore, 'simulated-entra');
  }

  userToken(userId: string, audience: string, { claims, header }: UserTokenChange = {}): string {
    const db = this.db();
    const user = db.get('users', userId);
    const now = Math.floor(this.clock.now() / 1000);
    const tid = db.settings.tenant.id;
    return this.#key.token(
      { typ: 'JWT', alg: 'RS256', kid: this.#key.id, ...header },
      {
        aud: audience,
        iss: `https://${SIGN_IN.name}/${tid}/v2.0`,
        iat: now,
        nbf: now,
        exp: now + TOKEN_SECONDS,
        tid,
        oid: userId,
        name: user?.displayName ?? userId,
        preferred_username: user?.userPrincipalName,
        scp: 'Approvals.Decide',
        ver: '2.0',
        ...claims,
      },
    );
  }

  rotateKeys(): void {
    this.#key.rotate();
  }

  get published(): unknown {
    return { keys: [this.#key.published] };
  }
}

/** https://learn.microsoft.com/entra/identity-platform/signing-key-rollover */
export function keyRoutes(entra: EntraService): readonly Route[] {
  return [
    {
      host: SIGN_IN,
      method: 'GET',
      path: '/:tenant/discovery/v2.0/keys',
      handle: () => ({ status: 200, body: entra.published }),
    },
  ];
}
