import type { HttpResponseInit } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { outcomeWords, stageWords } from '../../views/index.js';
import type { QueueEntry } from '../http/approval-schemas.js';
import { waiting } from '../http/approvals.js';
import type { Instance } from '../incident-instances.js';
import { autoRefresh, section, severityTag, time, timeLeft } from './components.js';
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
    title: queue.length === 1 ? '1 pending request' : `${queue.length} pending requests`,
    ...(follow ? { refresh: 10 } : {}),
    viewer,
    content: html`${autoRefresh(follow, now)}
${queue.length === 0 ? html`<p class="quiet">No request is awaiting a decision.</p>` : list(shown.map((entry) => request(entry, now)))}
${more > 0 ? html`<p>${more} more are pending; the list shows the earliest to expire.</p>` : html``}
${section('Other incidents', others.length === 0 ? undefined : list(others.map(other)))}`,
  });
}

function list(items: readonly SafeHtml[]): SafeHtml {
  return html`<ul class="plain">${items}</ul>`;
}

function request({ id, tier, title, number, severity, asks, expiresAt }: QueueEntry, now: number): SafeHtml {
  return html`<li class="card"><h2>${link(id, title)}</h2>
${asks === undefined ? html`` : html`<p>${asks}</p>`}
<div class="facts">${severityTag(severity)}<strong>${timeLeft(expiresAt, now)}</strong><span class="quiet">until ${time(expiresAt)}</span>${number === undefined ? html`` : html`<span>Incident ${number}</span>`}<span>tier ${tier}</span></div></li>`;
}

function other({ instanceId, runtimeStatus, createdAt, status }: Instance): SafeHtml {
  const state = status?.outcome
    ? outcomeWords[status.outcome]
    : status
      ? stageWords[status.state]
      : 'accepted';
  const odd = ['Failed', 'Terminated', 'Canceled'].includes(runtimeStatus)
    ? `${runtimeStatus.toLowerCase()}, `
    : '';
  return html`<li class="card"><h3>${link(instanceId, status?.title ?? instanceId)}</h3>
<div class="facts"><span>${odd}${state}</span><span class="quiet">since ${time(createdAt)}</span></div></li>`;
}

function link(id: string, title: string): SafeHtml {
  return html`<a href="${PAGE}/${id}">${title}</a>`;
}
