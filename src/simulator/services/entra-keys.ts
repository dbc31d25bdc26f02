/** Tokens of the simulated tenant's people for its own apps, and the keys that they are signed with. */
import type { Route } from '../router.js';
import { SigningKey } from '../signing-keys.js';
import type { KeptKeys } from '../store.js';
import type { World } from '../world.js';

const host = 'login.microsoftonline.com';
const TOKEN_SECONDS = 3600;

/** What is to be different about a token; undefined takes a claim out. */
export interface UserTokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}
export interface SimulatedSignIn {
  /** An access token (version 2) of one of the tenant's users for an app, signed as Entra does. */
  userToken(userId: string, audience: string, change?: UserTokenChange): string;
  /** The old key is no longer published, and signs nothing any more. */
  rotateKeys(): void;
}

export class EntraService implements SimulatedSignIn {
  readonly #key: SigningKey;

  constructor(
    private readonly world: () => World,
    private readonly clock: { now(): number },
    kept: KeptKeys,
  ) {
    this.#key = new SigningKey(kept, 'simulated-entra');
  }

  userToken(userId: string, audience: string, { claims, header }: UserTokenChange = {}): string {
    const world = this.world();
    const user = world.get('users', userId);
    const now = Math.floor(this.clock.now() / 1000);
    const tid = world.settings.tenant.id;
    return this.#key.token(
      { typ: 'JWT', alg: 'RS256', kid: this.#key.id, ...header },
      {
        aud: audience,
        iss: `https://${host}/${tid}/v2.0`,
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
      host,
      method: 'GET',
      path: '/:tenant/discovery/v2.0/keys',
      answer: () => ({ status: 200, body: entra.published }),
    },
  ];
}
