import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { html } from '../../domain/builders/html.js';
import { FOREIGN } from '../http/approvals.js';
import { isSameOrigin, signedIn } from '../http/guard.js';
import { type LocalSignIn, SESSION_COOKIE } from '../sign-in.js';
import { noticePage, page, redirect } from './layout.js';

const PAGE = '/api/approvals/page';
const SIGN_IN = '/api/approvals/sign-in';

/** The link leads here. It is used up by the button, not by opening it. */
export async function offerSignIn(
  request: HttpRequest,
  _context: InvocationContext,
  local: LocalSignIn,
): Promise<HttpResponseInit> {
  if (signedIn(request, local) !== undefined) return redirect(PAGE);
  const token = request.query.get('token') ?? '';
  if (!local.isOpenLink(token)) return usedUp();
  return page({
    title: 'Sign in',
    content: html`<p>Whoever presses the button may decide about responses in the simulated tenant. The link works once.</p>
<form method="post" action="${SIGN_IN}"><input type="hidden" name="token" value="${token}"><div class="buttons"><button>Sign in</button></div></form>`,
  });
}

export async function signIn(
  request: HttpRequest,
  _context: InvocationContext,
  local: LocalSignIn,
): Promise<HttpResponseInit> {
  if (!isSameOrigin(request)) return noticePage('Not allowed', 403, FOREIGN.detail, FOREIGN.next);
  const token = request.query.get('token') ?? new URLSearchParams(await request.text()).get('token') ?? '';
  const session = local.openSession(token);
  if (session === undefined) return usedUp();
  return redirect(PAGE, {
    name: SESSION_COOKIE,
    value: session,
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
  });
}

function usedUp(): HttpResponseInit {
  return noticePage(
    'The link does not work',
    401,
    'The link was used before, or is not one of this responder.',
    'Start the responder again: it prints a new link.',
  );
}
