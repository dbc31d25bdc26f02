import type { Cookie, HttpResponseInit } from '@azure/functions';
import { html, SafeHtml } from '../../domain/builders/html.js';
import { NOTHING } from './components.js';
import { STYLE, STYLE_HASH } from './style.js';
import type { Viewer } from './viewer.js';

export const PAGE = '/approvals';
/** Not below PAGE: the host would route it to `approvals/{id}`. */
export const SIGN_IN = '/sign-in';
export const ANALYST = `${SIGN_IN}/analyst`;

export interface Page {
  readonly title: string;
  readonly content: SafeHtml;
  readonly status?: number;
  /** Seconds until the browser reloads the page. Only set where the person has switched auto-refresh on. */
  readonly refresh?: number;
  readonly viewer?: Viewer;
}

/** No external resources and no scripts: a page has text, one inline style sheet, and forms that post to this origin. */
const POLICY = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function page({ title, content, status = 200, refresh, viewer }: Page): HttpResponseInit {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Sentinel Responder</title>
<style>${new SafeHtml(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><nav aria-label="Pages"><a href="${PAGE}">Approvals</a></nav>${viewer ? whoIsHere(viewer) : NOTHING}</header>
<main id="main">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  const again = refresh === undefined ? {} : { refresh: String(refresh) };
  return { status, headers: { ...HEADERS, ...again }, body: document.text };
}

function whoIsHere({ caller, analysts, signOut, simulated, tenant }: Viewer): SafeHtml {
  const where = simulated ? html`<span class="tag warn">simulated tenant</span>` : NOTHING;
  const of = tenant === undefined ? NOTHING : html`<strong>${tenant}</strong>`;
  const change = analysts.length > 1 ? html`<a href="${ANALYST}">switch analyst</a>` : NOTHING;
  const leave = signOut === undefined ? NOTHING : html`<a href="${signOut}">Sign out</a>`;
  return html`<div class="facts">${where}${of}<span>${caller.person.name}</span>${change}${leave}</div>`;
}

export function redirect(location: string, cookie?: Cookie): HttpResponseInit {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    ...(cookie ? { cookies: [cookie] } : {}),
  };
}

/** A page with one sentence and the next step. */
export function noticePage(
  title: string,
  status: number,
  text: string | SafeHtml,
  next?: string,
): HttpResponseInit {
  const more = next === undefined ? NOTHING : html`<p>${next}</p>`;
  return page({ title, status, content: html`<div class="card notice"><p>${text}</p>${more}</div>` });
}
