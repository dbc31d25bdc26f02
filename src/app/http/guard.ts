/** Who may use the routes for people. Until analysts can sign in, that is whoever started this process. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { composition } from '../composition.js';
import { type Problem, problem } from '../problem.js';
import { LocalSignIn, SESSION_COOKIE, type SignedIn } from '../sign-in.js';

export type Handler<T extends unknown[] = []> = (
  request: HttpRequest,
  context: InvocationContext,
  ...more: T
) => Promise<HttpResponseInit>;

let signIn: LocalSignIn | undefined;

const ELSEWHERE: Problem = {
  status: 501,
  code: 'sign-in-not-available',
  detail: 'Approvals by HTTP and by web page exist only against the simulated tenant and on the own machine.',
  next: 'Start the responder with `npm start`; for a real tenant analysts need a sign-in, which this version lacks.',
};

/** The sign-in, or why these routes do not exist here. */
export function localSignIn(request: HttpRequest): LocalSignIn | Problem {
  const { config } = composition();
  const simulated = config.simulatedTenantUrl !== undefined || config.recordedExchanges !== undefined;
  if (!simulated) return { ...ELSEWHERE, detail: `${ELSEWHERE.detail} This process works on a real tenant.` };
  if (config.localSignInSecret === undefined) {
    return { ...ELSEWHERE, detail: `${ELSEWHERE.detail} This process was started without a sign-in secret.` };
  }
  if (!isLoopback(request.headers.get('host'))) {
    return {
      ...ELSEWHERE,
      detail: `${ELSEWHERE.detail} This call names another host than the loopback address.`,
    };
  }
  signIn ??= new LocalSignIn(config.localSignInSecret);
  return signIn;
}

/** Lets only a signed-in caller through; the answer to others is a problem. */
export function guarded(handler: Handler<[SignedIn]>): Handler {
  return async (request, context) => {
    const local = localSignIn(request);
    if (!(local instanceof LocalSignIn)) return problem(local);
    const who = signedIn(request, local);
    if (who === undefined) return problem(NOT_SIGNED_IN);
    try {
      return await handler(request, context, who);
    } catch (error) {
      context.error('A call failed.', error);
      return problem(FAILED);
    }
  };
}

export const FAILED: Problem = {
  status: 503,
  code: 'not-available',
  detail: 'What this call needs did not answer as it should.',
  next: 'Try again; if it stays so, look into the log of the host.',
};

export function signedIn(request: HttpRequest, local: LocalSignIn): SignedIn | undefined {
  const bearer = /^Bearer ([0-9a-f]{64})$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (bearer !== undefined && local.isCommandLine(bearer)) return { channel: 'cli' };
  const session = cookieOf(request, SESSION_COOKIE);
  return session !== undefined && local.isSession(session) ? { channel: 'web', session } : undefined;
}

/** Whether a call that changes something was made by a page of this very address, as far as browsers tell. */
export function isSameOrigin(request: HttpRequest): boolean {
  const origin = request.headers.get('origin');
  if (origin !== null) return origin === `http://${request.headers.get('host')}`;
  const site = request.headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}

const NOT_SIGNED_IN: Problem = {
  status: 401,
  code: 'not-signed-in',
  detail: 'This call is not signed in.',
  next: 'Open the link that was printed at start, or send the command line token as a bearer token.',
};

/** A page of another site can reach 127.0.0.1 under a name of its own; such a name is not on this list. */
function isLoopback(host: string | null): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host ?? '');
}

/** Repeated cookie headers are joined by commas. */
function cookieOf(request: HttpRequest, name: string): string | undefined {
  for (const part of (request.headers.get('cookie') ?? '').split(/[;,]/)) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
