/** Local sign-in: with the printed link, as one of the simulated tenant's analysts. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { authenticate, type Person, type SignIn, signInFor } from '../auth/index.js';
import { SESSION_COOKIE } from '../auth/local.js';
import { readForm } from '../http/body.js';
import { FOREIGN, isSameOrigin } from '../http/guard.js';
import type { Problem } from '../problem.js';
import { ANALYST, noticePage, PAGE, page, redirect, SIGN_IN } from './layout.js';
import type { Viewer } from './viewer.js';

const MAXIMUM_FORM = 4 * 1024;

/** The target of the sign-in link. The button uses the link up; opening it does not. */
export async function offerSignIn(
  request: HttpRequest,
  _context: InvocationContext,
  signIn: SignIn,
): Promise<HttpResponseInit> {
  if (!('code' in (await authenticate(request, signIn)))) return redirect(PAGE);
  const token = request.query.get('token') ?? '';
  if (signIn.local?.isOpenLink(token) !== true) return usedUp();
  return page({
    title: 'Sign in',
    content: html`<p>After you sign in, you can decide about responses in the simulated tenant. The link works once.</p>
<form method="post" action="${SIGN_IN}"><input type="hidden" name="token" value="${token}">
${choice(signIn.local.analysts, signIn.local.analysts[0].id)}
<div class="buttons"><button>Sign in</button></div></form>`,
  });
}

export async function signIn(
  request: HttpRequest,
  _context: InvocationContext,
  { local }: SignIn,
): Promise<HttpResponseInit> {
  if (!isSameOrigin(request)) return foreign();
  const form = await readForm(request, MAXIMUM_FORM);
  if (!form.ok) return notUnderstood(form.problem);
  const analyst = form.fields.get('analyst') ?? local?.analysts[0].id ?? '';
  const session = local?.openSession(form.fields.get('token') ?? '', analyst);
  return session === undefined ? usedUp() : begin(session);
}

/** Two-person approval (four eyes) needs two analysts. On a local machine, one person can act as both. */
export async function offerAnalysts(
  _request: HttpRequest,
  _context: InvocationContext,
  viewer: Viewer,
): Promise<HttpResponseInit> {
  if (viewer.analysts.length === 0)
    return noticePage('Not available here', 404, 'Here, everyone signs in with their own account.');
  return page({
    title: 'Switch analyst',
    viewer,
    content: html`<p>In the simulated tenant, you can act as any of its analysts.</p>
<form method="post" action="${ANALYST}">${choice(viewer.analysts, viewer.caller.person.id)}
<div class="buttons"><button>Continue as this analyst</button></div></form>`,
  });
}

export async function changeAnalyst(
  request: HttpRequest,
  _context: InvocationContext,
  { analysts }: Viewer,
): Promise<HttpResponseInit> {
  const signIn = signInFor(request);
  if (!isSameOrigin(request)) return foreign();
  const form = await readForm(request, MAXIMUM_FORM);
  if (!form.ok) return notUnderstood(form.problem);
  const wanted = form.fields.get('analyst');
  const analyst = analysts.find(({ id }) => id === wanted);
  if (analyst === undefined || 'code' in signIn || signIn.local === undefined) {
    return noticePage('Not available here', 404, 'This analyst does not exist.');
  }
  return begin(signIn.local.sessionOf(analyst));
}

function choice(analysts: readonly Person[], chosen: string): SafeHtml {
  if (analysts.length < 2) return html``;
  const items = analysts.map(
    ({ id, name }) =>
      html`<div class="choice"><input type="radio" name="analyst" id="a-${id}" value="${id}"${id === chosen ? html` checked` : html``}><label for="a-${id}">${name}</label></div>`,
  );
  return html`<fieldset><legend>As</legend>${items}</fieldset>`;
}

function begin(session: string): HttpResponseInit {
  return redirect(PAGE, {
    name: SESSION_COOKIE,
    value: session,
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
  });
}

function notUnderstood({ status, detail, next }: Problem): HttpResponseInit {
  return noticePage('Invalid form', status, detail, next);
}

function foreign(): HttpResponseInit {
  return noticePage('Not allowed', 403, FOREIGN.detail, FOREIGN.next);
}

function usedUp(): HttpResponseInit {
  return noticePage(
    'The link does not work',
    401,
    'The link was already used, or is older than the last start of the responder.',
    'Run “npx responder open” to get a new link.',
  );
}
