/** Signing in on one's own machine: by the printed link, as one of the simulated tenant's analysts. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { readForm } from '../http/body.js';
import { FOREIGN, isSameOrigin } from '../http/guard.js';
import type { Problem } from '../problem.js';
import { callerOf, type Person, type SignIn, signInFor } from '../sign-in/index.js';
import { SESSION_COOKIE } from '../sign-in/local.js';
import { ANALYST, noticePage, PAGE, page, redirect, SIGN_IN } from './layout.js';
import type { Visitor } from './visitor.js';

const MAXIMUM_FORM = 4 * 1024;

/** The link leads here. It is used up by the button, not by opening it. */
export async function offerSignIn(
  request: HttpRequest,
  _context: InvocationContext,
  signIn: SignIn,
): Promise<HttpResponseInit> {
  if (!('code' in (await callerOf(request, signIn)))) return redirect(PAGE);
  const token = request.query.get('token') ?? '';
  if (signIn.local?.isOpenLink(token) !== true) return usedUp();
  return page({
    title: 'Sign in',
    content: html`<p>Whoever presses the button may decide about responses in the simulated tenant. The link works once.</p>
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

/** Four eyes need two people: on one's own machine the same hands play both. */
export async function offerAnalysts(
  _request: HttpRequest,
  _context: InvocationContext,
  visitor: Visitor,
): Promise<HttpResponseInit> {
  if (visitor.analysts.length === 0)
    return noticePage('Not available here', 404, 'People sign in as themselves here.');
  return page({
    title: 'Somebody else',
    visitor,
    content: html`<p>In the simulated tenant you may play each of its analysts.</p>
<form method="post" action="${ANALYST}">${choice(visitor.analysts, visitor.caller.person.id)}
<div class="buttons"><button>Go on as this analyst</button></div></form>`,
  });
}

export async function changeAnalyst(
  request: HttpRequest,
  _context: InvocationContext,
  { analysts }: Visitor,
): Promise<HttpResponseInit> {
  const signIn = signInFor(request);
  if (!isSameOrigin(request)) return foreign();
  const form = await readForm(request, MAXIMUM_FORM);
  if (!form.ok) return notUnderstood(form.problem);
  const wanted = form.fields.get('analyst');
  const analyst = analysts.find(({ id }) => id === wanted);
  if (analyst === undefined || 'code' in signIn || signIn.local === undefined) {
    return noticePage('Not available here', 404, 'There is no such analyst here.');
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
  return noticePage('Not understood', status, detail, next);
}

function foreign(): HttpResponseInit {
  return noticePage('Not allowed', 403, FOREIGN.detail, FOREIGN.next);
}

function usedUp(): HttpResponseInit {
  return noticePage(
    'The link does not work',
    401,
    'The link was used before, or was made before the responder started.',
    'Run “npx responder open”: it makes a new link.',
  );
}
