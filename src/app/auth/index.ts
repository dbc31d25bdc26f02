/** Authenticates callers: by App Service authentication, by an Entra token, or locally by the printed link. */
import type { HttpRequest } from '@azure/functions';
import { createTransport } from '../../connectors/index.js';
import { createSigningKeys } from '../../connectors/teams/keys.js';
import { clock } from '../clock.js';
import type { Problem } from '../problem.js';
import { services } from '../services.js';
import type { TenantConfig } from '../tenant-config.js';
import { connectorConfig, tenants } from '../tenants.js';
import { appServiceCaller } from './app-service.js';
import type { Caller, SignInRefusal } from './caller.js';
import {
  createEntraTokens,
  type EntraTenant,
  type EntraTokens,
  entraAuthority,
  tokensOfTenants,
} from './entra.js';
import { LocalSignIn, SESSION_COOKIE } from './local.js';

export { type Caller, type Person, type SignInRefusal, tenantIdOf } from './caller.js';

/** The sign-in methods of this process; at least one. */
export interface SignIn {
  readonly local?: LocalSignIn;
  readonly entra?: {
    /** The tenants whose people can sign in. */
    readonly tenants: readonly EntraTenant[];
    readonly tokens: EntraTokens;
    readonly platform: boolean;
  };
}

let localOnce: LocalSignIn | undefined;
let entraOnce: { readonly signIn: SignIn['entra'] } | undefined;

/** The sign-in methods for this call, or the problem that the routes for people answer with if there is none. */
export function signInFor(request: HttpRequest): SignIn | Problem {
  const here = localSignIn(request);
  const entra = entraSignIn();
  if (here instanceof LocalSignIn) return { local: here, ...(entra ? { entra } : {}) };
  return entra ? { entra } : here;
}

/** The verifier of Entra tokens; undefined if no app registration is configured. */
export function entraTokens(): EntraTokens | undefined {
  return entraSignIn()?.tokens;
}

function entraSignIn(): SignIn['entra'] {
  entraOnce ??= { signIn: entraOf(tenants().flatMap(({ config }) => entraTenantOf(config) ?? [])) };
  return entraOnce.signIn;
}

function entraOf([first, ...others]: readonly EntraTenant[]): SignIn['entra'] {
  if (first === undefined) return undefined;
  const { platformSignIn: platform } = services().config;
  return { tenants: [first, ...others], tokens: tokensOfTenants([first, ...others]), platform };
}

function localSignIn(request: HttpRequest): LocalSignIn | Problem {
  const { config } = services();
  if (!config.reachesNoTenant) {
    return unavailable(
      'This process works on a real tenant, but no app registration for sign-in is configured.',
      'Set AZURE_TENANT_ID and APPROVALS_CLIENT_ID, or approvalsClientId in TENANTS, and turn on App Service authentication (docs/security.md).',
    );
  }
  if (config.localSignInSecret === undefined) {
    return unavailable(
      'This process was started without a sign-in secret.',
      'Start the responder with `npm start`, which creates one.',
    );
  }
  if (!isLoopback(request.headers.get('host'))) {
    return unavailable(
      'Only the local machine can use the simulated tenant, but the Host header of this call names another host.',
      'Use the address that was printed at start.',
    );
  }
  const [first, ...others] = config.localAnalysts;
  if (first === undefined) return unavailable('LOCAL_ANALYSTS is empty.', 'Name at least one analyst.');
  localOnce ??= new LocalSignIn(config.localSignInSecret, [first, ...others]);
  return localOnce;
}

/** Each tenant has keys of its own. Undefined: its people cannot sign in. */
function entraTenantOf(tenant: TenantConfig): EntraTenant | undefined {
  const { id: tenantId, approvalsClientId: clientId } = tenant;
  if (tenantId === undefined || clientId === undefined) return undefined;
  const app = { tenantId, clientId };
  // Recordings of incidents do not contain the fetching of signing keys.
  const { recordExchangesTo: _, ...config } = connectorConfig(tenant);
  const transport = createTransport(config, clock);
  const keys = createSigningKeys(entraAuthority(app.tenantId), transport, clock);
  return { app, tokens: createEntraTokens(app, keys, clock) };
}

/** Never falls back from one credential to another: an invalid token is refused even with a valid session. */
export async function authenticate(request: HttpRequest, signIn: SignIn): Promise<Caller | SignInRefusal> {
  const header = (name: string) => request.headers.get(name);
  const authorization = header('authorization');
  if (authorization !== null) return callerOfToken(authorization, signIn);
  const session = signIn.local === undefined ? undefined : cookieOf(request, SESSION_COOKIE);
  const person = session === undefined ? undefined : signIn.local?.personOfSession(session);
  if (person !== undefined && session !== undefined) {
    return { kind: 'person', person, channel: 'web', mayDecide: true, session };
  }
  if (signIn.entra?.platform === true) {
    const result = await appServiceCaller(header, signIn.entra.tenants);
    return result.ok ? result.value : result;
  }
  return NOT_SIGNED_IN;
}

async function callerOfToken(
  authorization: string,
  { local, entra }: SignIn,
): Promise<Caller | SignInRefusal> {
  const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1] ?? '';
  const person = local?.personOfCommandLine(token);
  if (person !== undefined) {
    return { kind: 'person', person, channel: 'cli', mayDecide: true, session: `cli ${person.id}` };
  }
  if (entra === undefined) return { ...NOT_SIGNED_IN, detail: 'This responder did not issue the token.' };
  const result = await entra.tokens.callerOf(token);
  return result.ok ? result.value : result;
}

const NOT_SIGNED_IN: SignInRefusal = {
  kind: 'unauthenticated',
  status: 401,
  code: 'not-signed-in',
  detail: 'This call is not signed in.',
  next: 'Open the link that was printed at start, sign in on the page, or send a bearer token.',
};

function unavailable(detail: string, next: string): Problem {
  return {
    status: 501,
    code: 'sign-in-not-available',
    detail: `No sign-in is available here. ${detail}`,
    next,
  };
}

/** Prevents DNS rebinding: a page of another site can reach 127.0.0.1 under its own host name, which this list excludes. */
function isLoopback(host: string | null): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host ?? '');
}

/** The value of a cookie. The host joins repeated cookie headers with commas. */
function cookieOf(request: HttpRequest, name: string): string | undefined {
  for (const part of (request.headers.get('cookie') ?? '').split(/[;,]/)) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
