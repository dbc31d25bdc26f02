import type { ApprovalRequest } from '../domain/approval.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { clip } from '../domain/clip.js';
import { type Incident, OTHER_TENANT } from '../domain/incident.js';

const MOST_ALERTS = 50;
const LONGEST_DESCRIPTION = 2_000;

/** The properties of the incident that the case file stores. */
export function incidentFacts({
  title,
  severity,
  number,
  url,
  description,
  alerts,
  warnings,
}: Incident): CaseChanges {
  return {
    title,
    severity,
    ...(number === undefined ? {} : { number }),
    ...(url === undefined ? {} : { url }),
    ...(warnings.some(({ code }) => code === OTHER_TENANT) ? { namesOtherTenant: true } : {}),
    description: clip(description, LONGEST_DESCRIPTION),
    alerts: alerts.slice(0, MOST_ALERTS).map((alert) => ({
      title: alert.title,
      severity: alert.severity,
      ...(alert.startedAt === undefined ? {} : { startedAt: alert.startedAt }),
    })),
  };
}

const ENDS = ['closed', 'merged', 'gone'] as const;
export type IncidentEnd = (typeof ENDS)[number];

/** The end of the incident that a decision or a deadline has found. */
export function endIn(changed: readonly ApprovalRequest[]): IncidentEnd | undefined {
  return ENDS.find((end) => changed.some(({ supersededBy }) => supersededBy === end));
}

/**
 * What the case file says about an incident whose end was noticed by a decision or a timeout, without reading it in full: it
 * counts as changed, so that it is handled again when it is opened again.
 */
export function endNoticed(changed: readonly ApprovalRequest[]): CaseChanges {
  const content = endIn(changed);
  return content === undefined ? {} : { content };
}
