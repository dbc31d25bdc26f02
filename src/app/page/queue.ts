import type { HttpResponseInit } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { between, listedHeadline, SEVERITIES, timeLeft } from '../../views/index.js';
import type { QueueEntry } from '../http/approval-schemas.js';
import { waiting } from '../http/approvals.js';
import type { Instance } from '../incident-instances.js';
import { autoRefresh, CLASSES, NOTHING, section, tag, time } from './components.js';
import { PAGE, page } from './layout.js';
import type { Viewer } from './viewer.js';

const MOST_REQUESTS = 100;
const MOST_OTHERS = 50;

export interface QueuePage {
  readonly instances: readonly Instance[];
  readonly now: number;
  readonly viewer: Viewer;
  readonly follow: boolean;
}

/** Pending requests, the earliest to expire first; below them, other running or ended incidents. */
export function queuePage({ instances, now, viewer, follow }: QueuePage): HttpResponseInit {
  const queue = waiting(instances);
  const shown = queue.slice(0, MOST_REQUESTS);
  const waits = new Set(queue.map(({ instanceId }) => instanceId));
  const others = instances.filter(({ instanceId }) => !waits.has(instanceId)).slice(0, MOST_OTHERS);
  const more = queue.length - shown.length;
  return page({
    title: titleOf(queue.length),
    ...(follow ? { refresh: 10 } : {}),
    viewer,
    content: html`${autoRefresh(follow, now)}
${queue.length === 0 ? html`<p class="quiet">No request is awaiting a decision.</p>` : list(shown.map((entry) => request(entry, now)))}
${more > 0 ? html`<p>${more} more are pending; the list shows the earliest to expire.</p>` : NOTHING}
${section('Other incidents', others.length === 0 ? undefined : list(others.map(other)))}`,
  });
}

function list(items: readonly SafeHtml[]): SafeHtml {
  return html`<ul class="plain">${items}</ul>`;
}

/** `No pending requests`, `1 pending request`. */
function titleOf(n: number): string {
  return n === 0 ? 'No pending requests' : `${n} pending ${n === 1 ? 'request' : 'requests'}`;
}

function request({ id, tier, title, number, severity, asks, expiresAt }: QueueEntry, now: number): SafeHtml {
  return html`<li class="card"><h2>${link(id, title)}</h2>
${asks === undefined ? NOTHING : html`<p>${asks}</p>`}
<div class="facts">${tag(SEVERITIES[severity])}<strong>${timeLeft(expiresAt, now)}</strong><span class="quiet">until ${time(expiresAt)}</span>${number === undefined ? NOTHING : html`<span>Incident ${number}</span>`}<span>tier ${tier}</span></div></li>`;
}

function other({ instanceId, runtimeStatus, createdAt, status }: Instance): SafeHtml {
  const { words, tone } = listedHeadline(runtimeStatus, status);
  const took = between(createdAt, status?.endedAt);
  const isKnown = status !== undefined && (status.state !== 'reading' || status.severity !== 'unknown');
  const severity = isKnown ? tag(SEVERITIES[status.severity]) : NOTHING;
  const number = status?.number === undefined ? NOTHING : html`<span>Incident ${status.number}</span>`;
  return html`<li class="card"><h3>${link(instanceId, status?.title ?? 'New incident')}</h3>
<div class="facts">${severity}${number}<strong class="${CLASSES[tone]}">${words}</strong><span class="quiet">received ${time(createdAt)}${took === undefined ? NOTHING : html`, handled in ${took}`}</span></div></li>`;
}

function link(id: string, title: string): SafeHtml {
  return html`<a href="${PAGE}/${id}">${title}</a>`;
}
