import type { Cookie, HttpResponseInit } from '@azure/functions';
import { html, SafeHtml } from '../../domain/builders/html.js';
import { STYLE, STYLE_HASH } from './style.js';

export interface Page {
  readonly title: string;
  readonly content: SafeHtml;
  readonly status?: number;
  /** Seconds after which the browser asks again. */
  readonly refresh?: number;
}

/** Nothing is loaded and no script runs: the pages are text, one style sheet and forms to this address. */
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
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function page({ title, content, status = 200, refresh }: Page): HttpResponseInit {
  const again = refresh === undefined ? html`` : html`<meta http-equiv="refresh" content="${refresh}">`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${again}<title>${title} · Sentinel Responder</title>
<style>${new SafeHtml(STYLE)}</style>
</head>
<body>
<header><a href="/api/approvals/page">Sentinel Responder</a><span>simulated tenant</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return { status, headers: { ...HEADERS }, body: document.text };
}

export function redirect(location: string, cookie?: Cookie): HttpResponseInit {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store' },
    ...(cookie ? { cookies: [cookie] } : {}),
  };
}

/** One sentence and what to do next. */
export function noticePage(title: string, status: number, text: string, next?: string): HttpResponseInit {
  const more = next === undefined ? html`` : html`<p>${next}</p>`;
  return page({ title, status, content: html`<div class="card notice"><p>${text}</p>${more}</div>` });
}
