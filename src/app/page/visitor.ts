/** Who looks at the pages. A visitor is a person with a browser; everybody else gets a page that says why not. */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { FAILED, type Handler, type PersonCaller } from '../http/guard.js';
import { logFailure } from '../log-failure.js';
import { APP_SERVICE_LOGOUT, appServiceLogin } from '../sign-in/app-service.js';
import { callerOf, type Person, type SignIn, signInFor } from '../sign-in/index.js';
import { noticePage, redirect } from './layout.js';

export interface Visitor {
  readonly caller: PersonCaller;
  /** Others that the person at this machine may play; empty where people sign in themselves. */
  readonly analysts: readonly Person[];
  /** Address that ends the session, where the platform keeps it. */
  readonly signOut: string | undefined;
  readonly simulated: boolean;
}

/** For pages that exist wherever somebody can sign in. */
export function available(handler: Handler<[SignIn]>): Handler {
  return async (request, context) => {
    const signIn = signInFor(request);
    if ('code' in signIn) return noticePage('Not available here', signIn.status, signIn.detail, signIn.next);
    try {
      return await handler(request, context, signIn);
    } catch (error) {
      logFailure(context, 'A page failed', error);
      return noticePage('Not available now', FAILED.status, FAILED.detail, FAILED.next);
    }
  };
}

/** For pages that need a visitor. */
export function forVisitor(handler: Handler<[Visitor]>): Handler {
  return available(async (request, context, signIn) => {
    const caller = await callerOf(request, signIn);
    if ('code' in caller) {
      if (caller.kind === 'unauthenticated') return notSignedIn(request, signIn);
      context.warn(`A sign-in was refused (${caller.code}): ${caller.detail}`);
      return noticePage('Sign-in refused', caller.status, caller.detail, caller.next);
    }
    if (caller.kind !== 'person' || caller.channel !== 'web') {
      return noticePage('For browsers', 403, 'This page is for people; programs use the API.');
    }
    const isLocal = signIn.local?.personOfSession(caller.session) !== undefined;
    return handler(request, context, {
      caller,
      analysts: isLocal ? (signIn.local?.analysts ?? []) : [],
      signOut: isLocal ? undefined : APP_SERVICE_LOGOUT,
      simulated: isLocal,
    });
  });
}

/** Nobody is sent away from a form: what was typed would be lost without a word. */
function notSignedIn(request: HttpRequest, signIn: SignIn): HttpResponseInit {
  if (signIn.entra?.platform !== true) {
    const text = 'This page is open only to whoever started the responder.';
    return noticePage('Not signed in', 401, text, 'Open the link that was printed at start.');
  }
  const { pathname } = new URL(request.url);
  if (request.method === 'GET') return redirect(appServiceLogin(pathname));
  return noticePage(
    'Not signed in',
    401,
    'Your sign-in has ended; nothing was decided.',
    'Go back and sign in again.',
  );
}
