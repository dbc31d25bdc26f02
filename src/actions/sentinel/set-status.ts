import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { documented, STATUSES, sentinelIncidents } from './incidents/incidents.js';

const settings = z.strictObject({
  status: z.enum(['New', 'Active']).describe('The status to set; sentinel.close closes the incident'),
});

/** Sets the status of an open incident. */
export default incidentFieldAction(
  sentinelIncidents,
  {
    value: z.enum(STATUSES),
    get: (properties) => documented(STATUSES, properties.status),
    seen: { schema: z.enum(STATUSES), of: (value) => value },
    isSet: (value, wanted: z.infer<typeof settings>) => value === wanted.status,
    set: (_properties, wanted) => ({ status: wanted.status }),
    restore: (_properties, before) => ({ status: before }),
    words: (value) => `the status ${value}`,
  },
  {
    name: 'sentinel.set-status',
    title: 'Set the status of the incident',
    risk: 'reversible',
    impact: 'Analysts see the incident under its new status.',
    undo: 'Sets the former status again, if it is still the one that the responder set.',
    settings: { schema: settings, title: (chosen) => `Set the status to ${chosen.status}` },
  },
);
