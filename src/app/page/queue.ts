import type { HttpResponseInit } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { outcomeWords, stageWords } from '../../report/index.js';
import type { Instance } from '../durable-client.js';
import { waiting } from '../http/approvals.js';
import { page } from './layout.js';
import { section, severityTag, time, timeLeft } from './parts.js';

const MOST_OTHERS = 50;

/** What waits for an analyst, the one that expires first at the top; below it, what else is or was handled. */
export function queuePage(instances: readonly Instance[], now: number): HttpResponseInit {
  const queue = waiting(instances);
  const others = instances.filter((instance) => !queue.includes(instance)).slice(0, MOST_OTHERS);
  const title = queue.length === 1 ? '1 request waits' : `${queue.length} requests wait`;
  return page({
    title,
    refresh: 10,
    content: html`${queue.length === 0 ? html`<p class="quiet">Nothing waits for an analyst.</p>` : list(queue.map((instance) => request(instance, now)))}
${section('Other incidents', others.length === 0 ? undefined : list(others.map(other)))}`,
  });
}

function list(items: readonly SafeHtml[]): SafeHtml {
  return html`<ul class="plain">${items}</ul>`;
}

function request({ instanceId, status }: Instance, now: number): SafeHtml {
  if (status?.expiresAt === undefined) return html``;
  return html`<li class="card"><h3>${link(instanceId, status.title)}</h3>
<div class="facts">${severityTag(status.severity)}<span>${status.number === undefined ? '' : `Incident ${status.number}`}</span><strong>${timeLeft(status.expiresAt, now)}</strong><span class="quiet">until ${time(status.expiresAt)}</span></div></li>`;
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

function link(instanceId: string, title: string): SafeHtml {
  return html`<a href="/api/approvals/page/${instanceId}">${title}</a>`;
}
