import { html, type SafeHtml } from '../../domain/builders/html.js';
import {
  type Briefing,
  clockTime,
  type Phrase,
  shortTime,
  type Tone,
  type Words,
} from '../../views/index.js';
import type { Case } from '../cases.js';

export const NOTHING: SafeHtml = html``;

/** The class of the style sheet for each tone. */
export const CLASSES: Readonly<Record<Tone, string>> = {
  good: 'good',
  busy: 'quiet',
  ask: 'warn',
  warn: 'warn',
  bad: 'bad',
  over: 'quiet',
};

export function time(iso: string): SafeHtml {
  return html`<time datetime="${iso}">${shortTime(iso)}</time>`;
}

/** A phrase of the vocabulary: its values are escaped, its times are elements. */
export function phraseHtml(phrase: Phrase): SafeHtml {
  const parts = phrase.map((part) => {
    if ('time' in part) return time(part.time);
    return 'words' in part ? html`${part.words}` : html`${part.value}`;
  });
  return html`${parts}`;
}

/** Shows whether the page refreshes automatically, with a link that switches it on or off (WCAG 2.2.2). */
export function autoRefresh(follow: boolean, now: number): SafeHtml {
  const change = follow
    ? html`<a href="?">Stop auto-refresh</a>`
    : html`<a href="?follow=1">Auto-refresh</a>`;
  const state = follow ? 'This page refreshes automatically.' : '';
  const iso = new Date(now).toISOString();
  return html`<p class="quiet screen">${state} As of <time datetime="${iso}">${clockTime(iso)}</time> UTC. <a href="">Refresh</a> · ${change}</p>`;
}

export function tag({ words, tone }: Words): SafeHtml {
  return html`<span class="tag ${CLASSES[tone]}">${words}</span>`;
}

export function portalLink({ url, service }: Briefing): SafeHtml {
  return url === undefined
    ? NOTHING
    : html`<a href="${url}" rel="noopener noreferrer">Open in ${service}</a>`;
}

/** Warnings that the case file cannot be trusted: alarms, and the reason why it cannot be decided on. */
export function integrity({ alarms, problem }: Pick<Case, 'alarms' | 'problem'>): SafeHtml {
  const forged = alarms.find(({ code }) => code === 'forged');
  const tried =
    forged === undefined
      ? NOTHING
      : html`<div class="card notice warn" role="alert"><p>Somebody tried to change this case file, ${forged.count === 1 ? 'once' : `${forged.count} times`}, last at ${time(forged.lastAt)}. It changed nothing.</p></div>`;
  if (problem === undefined) return tried;
  return html`<div class="card notice" role="alert"><p><strong>${problem.message}</strong> <code>${problem.code}</code></p><p>${problem.next}</p></div>${tried}`;
}

export function section(title: string, content: SafeHtml | undefined): SafeHtml {
  return content === undefined ? NOTHING : html`<section><h2>${title}</h2>${content}</section>`;
}

export function values(rows: readonly (readonly [name: string, value: string])[]): SafeHtml {
  const items = rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`);
  return items.length === 0 ? NOTHING : html`<dl>${items}</dl>`;
}
