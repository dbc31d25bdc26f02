/** Closed sets of values; sources differ in letter case and add values. */
import type { Alert, Incident } from '../domain/incident.js';
import type { Severity } from '../domain/severity.js';
import { lowerCase } from '../domain/unicode-text.js';
import { isDefender } from './aliases.js';
import { lowerOf, textOf } from './text.js';

const SEVERITIES: readonly string[] = ['high', 'medium', 'low', 'informational'];
export function severityOf(value: unknown): Severity {
  const severity = lowerOf(value) ?? '';
  return SEVERITIES.includes(severity) ? (severity as Severity) : 'unknown';
}

/** When Defender merges an incident into another, it closes it, labels it and moves its alerts. */
export function statusOf(
  value: unknown,
  labels: Incident['labels'],
  alerts: number,
  alertsCount: unknown,
): Incident['status'] {
  const status = lowerOf(value);
  const redirected = labels.some((label) => lowerCase(label.name) === 'redirected');
  const empty = alerts === 0 && (textOf(alertsCount) ?? '0') === '0';
  if (status === 'closed') return redirected && empty ? 'merged' : 'closed';
  return status === 'new' || status === 'active' ? status : 'unknown';
}

/** Defender's status of an incident in the words of Sentinel; any other value unchanged. */
export function defenderStatus(value: unknown): unknown {
  const status = lowerOf(value);
  if (status === 'inprogress' || status === 'awaitingaction') return 'Active';
  return status === 'resolved' || status === 'redirected' ? 'Closed' : value;
}

const ALERT_STATUS: Readonly<Record<string, NonNullable<Alert['status']>>> = {
  new: 'new',
  inprogress: 'inProgress',
  resolved: 'resolved',
  dismissed: 'resolved',
};
export function alertStatusOf(value: unknown): Alert['status'] {
  const status = lowerOf(value) ?? '';
  return Object.hasOwn(ALERT_STATUS, status) ? ALERT_STATUS[status] : undefined;
}

export function providerOf(value: unknown): Incident['provider'] {
  const name = lowerOf(value);
  if (name === 'azure sentinel' || name === 'microsoft sentinel') return 'sentinel';
  return isDefender(value) ? 'xdr' : 'other';
}
