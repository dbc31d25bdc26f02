/** Tokens of the simulated tenant's people for its own apps, and the keys that they are signed with. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Route } from '../router.js';
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

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly published: Readonly<Record<string, unknown>>;
}

export class EntraService implements SimulatedSignIn {
  #generation = 1;
  #key: Key | undefined;

  constructor(
    private readonly world: () => World,
    private readonly clock: { now(): number },
  ) {}

  userToken(userId: string, audience: string, { claims, header }: UserTokenChange = {}): string {
    const world = this.world();
    const user = world.get('users', userId);
    const now = Math.floor(this.clock.now() / 1000);
    const { id: kid, privateKey } = this.#current();
    const tid = world.settings.tenant.id;
    const input = [
      { typ: 'JWT', alg: 'RS256', kid, ...header },
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
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
  }

  rotateKeys(): void {
    this.#generation += 1;
    this.#key = undefined;
  }

  get published(): unknown {
    return { keys: [this.#current().published] };
  }

  #current(): Key {
    if (this.#key === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const id = `simulated-entra-${this.#generation}`;
      const { n, e } = publicKey.export({ format: 'jwk' });
      this.#key = { id, privateKey, published: { kty: 'RSA', use: 'sig', kid: id, n, e } };
    }
    return this.#key;
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
