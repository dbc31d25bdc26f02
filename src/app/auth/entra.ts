/**
 * Verifies Entra tokens for the approvals API: https://learn.microsoft.com/entra/identity-platform/access-tokens,
 * https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference. Accepts only version 2, a configured
 * tenant, and that tenant's app as the audience.
 */
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { SigningKeys } from '../../connectors/teams/keys.js';
import type { TenantId } from '../../domain/tenant-id.js';
import { wellFormed } from '../../domain/unicode-text.js';
import type { Clock } from '../clock.js';
import type { Caller, SignInRefusal } from './caller.js';

export interface EntraApp {
  readonly tenantId: TenantId;
  /** Client id of the app registration for approvals. */
  readonly clientId: string;
}

/** The issuer of a tenant, and the address of its metadata with the signing keys. */
export function entraAuthority(tenantId: string) {
  const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
  return { issuer, metadataUrl: `${issuer}/.well-known/openid-configuration` };
}

/** The scopes for people, and the app role for programs. */
export const SCOPE_DECIDE = 'Approvals.Decide';
export const SCOPE_READ = 'Approvals.Read';
export const ROLE_READ = 'Approvals.Read';

const ALGORITHMS = ['RS256'];
const SKEW_SECONDS = 300;
const LONGEST_TOKEN = 16_384;
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const guid = z.guid().transform((id) => id.toLowerCase());
const claimsSchema = z.object({
  ver: z.literal('2.0'),
  tid: guid,
  oid: guid,
  name: z.string().transform(wellFormed).optional(),
  preferred_username: z.string().transform(wellFormed).optional(),
  /** The client that requested the token. */
  azp: z.string().optional(),
  scp: z.string().optional(),
  roles: z.array(z.string()).optional(),
  /** `app` in an application token, if the optional claim is configured. */
  idtyp: z.string().optional(),
  /** 1 = a guest of the tenant. */
  acct: z.number().optional(),
});
type Claims = z.infer<typeof claimsSchema>;

export type EntraResult<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & SignInRefusal);

export interface EntraTokens {
  /** The caller that an access token identifies. Never throws: a token that cannot be verified is refused. */
  callerOf(accessToken: string): Promise<EntraResult<Caller>>;
  /** The person that an ID token identifies. Never throws. */
  personOf(idToken: string): Promise<EntraResult<{ readonly id: string; readonly name: string }>>;
}

/** The app registration of a tenant, and the verifier of its tokens. */
export interface EntraTenant {
  readonly app: EntraApp;
  readonly tokens: EntraTokens;
}

/**
 * Verifies a token of one of several tenants: with the keys of the tenant whose issuer, id and app it names. What it names
 * only chooses the verifier, which checks all of it.
 */
export function tokensOfTenants(all: readonly [EntraTenant, ...EntraTenant[]]): EntraTokens {
  const [first, ...others] = all;
  if (others.length === 0) return first.tokens;
  const of = (token: string) => {
    const named = namedIn(token);
    return all.find(({ app }) => named !== undefined && isFor(named, app))?.tokens;
  };
  return {
    callerOf: async (token) => (await of(token)?.callerOf(token)) ?? NO_TENANT,
    personOf: async (token) => (await of(token)?.personOf(token)) ?? NO_TENANT,
  };
}

function namedIn(token: string): JWTPayload | undefined {
  try {
    return token.length > LONGEST_TOKEN ? undefined : decodeJwt(token);
  } catch {
    return undefined;
  }
}

function isFor({ iss, aud, tid }: JWTPayload, { tenantId, clientId }: EntraApp): boolean {
  const isOfTenant = typeof tid === 'string' && tid.toLowerCase() === tenantId;
  const isForApp = aud === clientId || aud === `api://${clientId}`;
  return isOfTenant && isForApp && iss === entraAuthority(tenantId).issuer;
}

const NO_TENANT = {
  ok: false,
  kind: 'refused',
  status: 401,
  code: 'token-refused',
  detail: 'The token is refused: it is not one of a tenant of this responder for its approvals API.',
  next: 'Get a new token from your tenant for its approvals API.',
} as const;

export function createEntraTokens(
  { tenantId, clientId }: EntraApp,
  keys: SigningKeys,
  clock: Clock,
): EntraTokens {
  const { issuer } = entraAuthority(tenantId);

  const verify = async (token: string, audience: readonly string[]): Promise<Claims> => {
    if (token.length > LONGEST_TOKEN || !TOKEN.test(token)) throw new Refused('it is not a signed token');
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) throw new Refused('its algorithm is not RS256');
    if (typeof kid !== 'string') throw new Refused('its header names no key');
    const found = await keys.find(kid);
    if (found === 'keys-unavailable') throw new KeysUnavailable();
    if (found === 'unknown-key')
      throw new Refused('it is signed with a key that the tenant does not publish');
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ALGORITHMS,
      issuer,
      audience: [...audience],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'nbf', 'iat'],
    });
    return checkedClaims(payload, tenantId);
  };

  return {
    callerOf: (token) =>
      settle(async () => {
        const claims = await verify(token, [clientId, `api://${clientId}`]);
        return claims.scp === undefined
          ? programOf(claims, tenantId)
          : personOfAccess(claims, claims.scp, tenantId);
      }),
    personOf: (token) =>
      settle(async () => {
        const { oid, name, preferred_username, acct } = await verify(token, [clientId]);
        if (acct === 1) throw new Guest();
        return { id: oid, name: name ?? preferred_username ?? oid };
      }),
  };
}

function checkedClaims(payload: JWTPayload, tenantId: TenantId): Claims {
  if (typeof payload.aud !== 'string') throw new Refused('its aud is a list');
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) {
    throw new Refused(`its claim ${parsed.error.issues[0]?.path.join('.') ?? ''} is missing or not valid`);
  }
  if (parsed.data.tid !== tenantId) throw new Refused('its tid is of another tenant');
  return parsed.data;
}

function personOfAccess(claims: Claims, scp: string, tenantId: TenantId): Caller {
  const scopes = scp.split(' ');
  if (claims.idtyp === 'app') throw new Refused('it belongs to a program, but has a scp claim');
  if (claims.acct === 1) throw new Guest();
  const mayDecide = scopes.includes(SCOPE_DECIDE);
  if (!mayDecide && !scopes.includes(SCOPE_READ))
    throw new Missing(`the scope ${SCOPE_DECIDE} or ${SCOPE_READ}`);
  const { oid: id, name, preferred_username } = claims;
  const person = { id, name: name ?? preferred_username ?? id, tenantId };
  return { kind: 'person', person, channel: 'http', mayDecide, session: `bearer ${id}` };
}

/** Any app of a tenant can get a token for this API, so read access needs an app role that an administrator granted. */
function programOf({ roles = [], oid }: Claims, tenantId: TenantId): Caller {
  if (!roles.includes(ROLE_READ)) throw new Missing(`the app role ${ROLE_READ}`);
  return { kind: 'app', id: oid, tenantId };
}

class Refused extends Error {}
class KeysUnavailable extends Error {}
class Guest extends Error {}
class Missing extends Error {}

async function settle<T>(work: () => Promise<T>): Promise<EntraResult<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, kind: 'refused', ...refusalOf(thrown) };
  }
}

function refusalOf(thrown: unknown): Omit<SignInRefusal, 'kind'> {
  if (thrown instanceof KeysUnavailable) {
    return {
      status: 503,
      code: 'keys-unavailable',
      detail: "The tenant's signing keys are unavailable, so no token can be verified.",
      next: 'Send the call again in a minute.',
    };
  }
  if (thrown instanceof Guest) {
    return {
      status: 403,
      code: 'guest',
      detail: 'Guests of the tenant cannot decide about its incidents.',
      next: 'Ask a member of the approver group.',
    };
  }
  if (thrown instanceof Missing) {
    return {
      status: 403,
      code: 'scope-missing',
      detail: `The token lacks ${thrown.message}.`,
      next: 'Ask an administrator to grant this permission, then get a new token.',
    };
  }
  return {
    status: 401,
    code: 'token-refused',
    detail: `The token is refused: ${reasonOf(thrown)}.`,
    next: 'Get a new token from this tenant for the approvals API.',
  };
}

/** The reason for the refusal. Names the invalid claim, but never its value. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof Refused) return thrown.message;
  if (thrown instanceof errors.JWTExpired) return 'it has expired';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return thrown.reason === 'missing' ? `it has no ${thrown.claim}` : `its ${thrown.claim} is not valid`;
  }
  if (thrown instanceof errors.JWSSignatureVerificationFailed)
    return 'its signature does not match the named key';
  return 'it is not a signed token';
}
