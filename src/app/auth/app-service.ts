/**
 * Azure App Service authentication: https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities.
 * Its headers can be trusted only behind App Service; elsewhere, any client could send them.
 */
import { z } from 'zod';
import { wellFormed } from '../../domain/unicode-text.js';
import type { Caller, SignInRefusal } from './caller.js';
import type { EntraApp, EntraTenant } from './entra.js';

/** The address of the platform's sign-in, which returns to a path of this app. */
export function appServiceLogin(returnTo: string): string {
  return `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(returnTo)}`;
}
export const APP_SERVICE_LOGOUT = '/.auth/logout?post_logout_redirect_uri=%2Fapprovals';

const claimSchema = z.object({ typ: z.string(), val: z.string().transform(wellFormed) });
const principalSchema = z.object({ auth_typ: z.string(), claims: z.array(claimSchema) });
type Claim = z.infer<typeof claimSchema>;

const CLAIMS = {
  oid: ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid'],
  tid: ['http://schemas.microsoft.com/identity/claims/tenantid', 'tid'],
  name: ['name', 'preferred_username', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'],
};
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The person that the platform signed in. If the platform's token store is on, the call also has the ID token; then the
 * token is verified and must belong to the same person.
 */
export async function appServiceCaller(
  header: (name: string) => string | null,
  all: readonly EntraTenant[],
): Promise<{ readonly ok: true; readonly value: Caller } | ({ readonly ok: false } & SignInRefusal)> {
  const principal = header('x-ms-client-principal');
  if (principal === null) return notSignedIn();
  const parsed = principalSchema.safeParse(decoded(principal));
  if (!parsed.success) return refused('it cannot be read');
  const { auth_typ, claims } = parsed.data;
  if (auth_typ !== 'aad') return refused('it is not from Entra');
  const tid = only(claims, CLAIMS.tid);
  const id = only(claims, CLAIMS.oid);
  const tenant = all.find(({ app }) => app.tenantId === tid);
  if (tenant === undefined) return refused('it is from another tenant');
  const { app, tokens } = tenant;
  if (all.length > 1 && !isForApp(claims, app))
    return refused('it is for another app than the one of its tenant');
  if (id === undefined || !GUID.test(id)) return refused('it has no object id of a user');
  if (claims.some(({ typ, val }) => typ === 'acct' && val === '1'))
    return refused('guests cannot decide here');
  const idToken = header('x-ms-token-aad-id-token');
  if (idToken !== null) {
    const proved = await tokens.personOf(idToken);
    if (!proved.ok) return proved;
    if (proved.value.id !== id) return refused('its ID token is about somebody else');
  }
  const name = CLAIMS.name.flatMap((typ) => claims.find((claim) => claim.typ === typ)?.val ?? [])[0] ?? id;
  return {
    ok: true,
    value: {
      kind: 'person',
      person: { id, name, tenantId: app.tenantId },
      channel: 'web',
      mayDecide: true,
      session: `platform ${app.tenantId} ${id}`,
    },
  };
}

/** The platform admits one app registration, which several tenants may share. Each tenant has named its own here. */
function isForApp(claims: readonly Claim[], { clientId }: EntraApp): boolean {
  const audiences = claims.filter(({ typ }) => typ === 'aud');
  return (
    audiences.length > 0 && audiences.every(({ val }) => val === clientId || val === `api://${clientId}`)
  );
}

/** The claim's value in lower case; undefined if it is missing or has several different values. */
function only(claims: readonly Claim[], names: readonly string[]): string | undefined {
  const values = new Set(claims.filter(({ typ }) => names.includes(typ)).map(({ val }) => val.toLowerCase()));
  return values.size === 1 ? [...values][0] : undefined;
}

function decoded(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function notSignedIn() {
  return {
    ok: false,
    kind: 'unauthenticated',
    status: 401,
    code: 'not-signed-in',
    detail: 'This call is not signed in.',
    next: 'Sign in with your account in this organisation.',
  } as const;
}

function refused(why: string) {
  return {
    ok: false,
    kind: 'refused',
    status: 401,
    code: 'principal-refused',
    detail: `The sign-in is refused: ${why}.`,
    next: 'Sign out, then sign in with your account in this organisation.',
  } as const;
}
