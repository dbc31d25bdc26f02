import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { Severity } from '../../domain/incident.js';
import { shortTime } from '../../report/index.js';

export const NOTHING: SafeHtml = html``;

export function time(iso: string): SafeHtml {
  return html`<time datetime="${iso}">${shortTime(iso)}</time>`;
}

export function clockTime(iso: string): SafeHtml {
  return html`<time datetime="${iso}">${/T(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? iso}</time>`;
}

/** `3 h 59 min left`, `45 s left`, `expired`. */
export function timeLeft(expiresAt: string, now: number): string {
  const seconds = Math.floor((Date.parse(expiresAt) - now) / 1000);
  if (!(seconds > 0)) return 'expired';
  if (seconds < 60) return `${seconds} s left`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min left`;
  return `${Math.floor(hours / 24)} days left`;
}

export function severityTag(severity: Severity): SafeHtml {
  const tone = severity === 'high' ? 'bad' : severity === 'medium' ? 'warn' : 'quiet';
  return html`<span class="tag ${tone}">${severity === 'unknown' ? 'severity unknown' : `${severity} severity`}</span>`;
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
