import type { ApprovalRequest } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { Severity } from '../../domain/incident.js';
import { shortTime } from '../../views/index.js';
import type { Case } from '../cases.js';

export const NOTHING: SafeHtml = html``;

export function time(iso: string): SafeHtml {
  return html`<time datetime="${iso}">${shortTime(iso)}</time>`;
}

export function clockTime(iso: string): SafeHtml {
  return html`<time datetime="${iso}">${/T(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? iso}</time>`;
}

/** Shows whether the page refreshes automatically, with a link that switches it on or off (WCAG 2.2.2). */
export function autoRefresh(follow: boolean, now: number): SafeHtml {
  const change = follow
    ? html`<a href="?">Stop auto-refresh</a>`
    : html`<a href="?follow=1">Auto-refresh</a>`;
  const state = follow ? 'This page refreshes automatically.' : '';
  return html`<p class="quiet">${state} As of ${clockTime(new Date(now).toISOString())} UTC. <a href="">Refresh</a> · ${change}</p>`;
}

/** `3 h 59 min left`, `45 s left`, `expired`. */
export function timeLeft(expiresAt: string, now: number): string {
  const ms = Date.parse(expiresAt) - now;
  return ms >= 1000 ? `${span(ms)} left` : 'expired';
}

/** `2 min ago`, `just now`. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms >= 1000 ? `${span(ms)} ago` : 'just now';
}

function span(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function severityTag(severity: Severity): SafeHtml {
  const tone = severity === 'high' ? 'bad' : severity === 'medium' ? 'warn' : 'quiet';
  return html`<span class="tag ${tone}">${severity === 'unknown' ? 'severity unknown' : `${severity} severity`}</span>`;
}

const STATES: Readonly<Record<ApprovalRequest['state'], string>> = {
  waiting: 'awaiting decision',
  approved: 'approved',
  rejected: 'rejected',
  expired: 'expired without a decision',
  contained: 'expired without a decision; temporarily contained',
  superseded: 'superseded',
};

/** The state of a request, in words. */
export function stateWords({ state, purpose }: Pick<ApprovalRequest, 'state' | 'purpose'>): string {
  if (purpose === 'undo' && state === 'waiting') return 'can be undone';
  return purpose === 'undo' && state === 'approved' ? 'undo approved' : STATES[state];
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

export function values(record: Readonly<Record<string, unknown>>): SafeHtml {
  const rows = Object.entries(record).map(
    ([name, value]) =>
      html`<dt>${name}</dt><dd>${typeof value === 'string' ? value : JSON.stringify(value)}</dd>`,
  );
  return rows.length === 0 ? NOTHING : html`<dl>${rows}</dl>`;
}
