import { contentHash } from '../approvals/index.js';
import type { Incident } from '../domain/incident.js';

/**
 * Hash of what matters about an incident. Comments, times, owner and version are not part of it: the responder's own
 * comment must not look like a change. Titles and labels count only as far as they decide which playbook applies.
 */
export function contentOf(incident: Incident, playbookId: string | undefined): string {
  const { severity, status, tactics, techniques, alerts, entities } = incident;
  const hash = contentHash({
    severity,
    status: status === 'closed' || status === 'merged' ? status : 'open',
    tactics: [...tactics].sort(),
    techniques: [...techniques].sort(),
    alerts: alerts.map((alert) => ({ key: alert.key, severity: alert.severity })),
    entities,
    ...(playbookId === undefined ? {} : { playbookId }),
  });
  return hash.slice(0, LENGTH);
}

/** 128 bits: it is stored with every version. */
const LENGTH = 32;
