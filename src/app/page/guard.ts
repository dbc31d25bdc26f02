/** Lets people with a browser see the pages. All other callers get a page with the reason. */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { APP_SERVICE_LOGOUT, appServiceLogin } from '../auth/app-service.js';
import { authenticate, type SignIn, signInFor } from '../auth/index.js';
import { FAILED, type Handler } from '../http/guard.js';
import { logFailure } from '../log-failure.js';
import { shownName } from '../visible-cases.js';
import { noticePage, redirect } from './layout.js';
import type { Viewer } from './viewer.js';

/** Wraps pages that need a configured sign-in, but no signed-in viewer. */
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

/** Wraps pages that need a signed-in viewer. */
export function forViewer(handler: Handler<[Viewer]>): Handler {
  return available(async (request, context, signIn) => {
    const caller = await authenticate(request, signIn);
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
      tenant: shownName(caller.person.tenantId),
    });
  });
}

/** Redirects a GET to the sign-in. A POST gets a notice instead: a redirect would silently discard the form values. */
function notSignedIn(request: HttpRequest, signIn: SignIn): HttpResponseInit {
  if (signIn.entra?.platform !== true) {
    const text = 'Only the person who started the responder can open this page.';
    return noticePage(
      'Not signed in',
      401,
      text,
      'Run “npx responder open”: it prints a sign-in link, and opens it.',
    );
  }
  const { pathname } = new URL(request.url);
  if (request.method === 'GET') return redirect(appServiceLogin(pathname));
  return noticePage(
    'Not signed in',
    401,
    'Your session has expired; nothing was decided.',
    'Go back and sign in again.',
  );
}
