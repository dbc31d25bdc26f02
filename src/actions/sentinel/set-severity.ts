import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { documented, SEVERITIES, sentinelIncidents } from './incidents/incidents.js';

const severity = z.enum(SEVERITIES);
const settings = z.strictObject({ severity: severity.describe('The severity to set') });
const DOMAIN = { High: 'high', Medium: 'medium', Low: 'low', Informational: 'informational' } as const;

/** Sets the severity of the incident. */
export default incidentFieldAction(
  sentinelIncidents,
  {
    value: severity,
    get: (properties) => documented(SEVERITIES, properties.severity),
    seen: { schema: severity, of: (value) => value },
    isSet: (value, wanted: z.infer<typeof settings>) => value === wanted.severity,
    set: (_properties, wanted) => ({ severity: wanted.severity }),
    restore: (_properties, before) => ({ severity: before }),
    words: (value) => `the severity ${value}`,
  },
  {
    name: 'sentinel.set-severity',
    title: 'Set the severity of the incident',
    risk: 'reversible',
    impact: 'Queues and automation rules that look at the severity treat the incident by the new one.',
    undo: 'Sets the former severity again, if it is still the one that the responder set.',
    settings: {
      schema: settings,
      title: (chosen) => `Set the severity to ${chosen.severity}`,
      changes: (chosen, seen) => {
        const before = severity.safeParse(seen);
        if (!before.success) return undefined;
        return { field: 'severity', from: DOMAIN[before.data], to: DOMAIN[chosen.severity] };
      },
    },
  },
);
