import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { type DefenderProperties, defenderIncidents } from './incidents/incidents.js';

const settings = z.strictObject({
  assignedTo: z.string().trim().min(1).max(200).describe('User principal name of the new owner'),
});
const value = z.string().nullable();

const ownerOf = ({ assignedTo }: DefenderProperties): string | null => assignedTo || null;

/** Assigns the incident in Defender. */
export default incidentFieldAction(
  defenderIncidents,
  {
    value,
    get: ownerOf,
    seen: { schema: value, of: (owner) => owner },
    isSet: (now, { assignedTo }: z.infer<typeof settings>) => now?.toLowerCase() === assignedTo.toLowerCase(),
    set: (_properties, { assignedTo }) => ({ assignedTo }),
    restore: (_properties, before) => ({ assignedTo: before }),
    words: (now) => (now === null ? 'no owner' : `the owner ${now}`),
  },
  {
    name: 'xdr.assign-incident',
    title: 'Assign the incident in Defender',
    risk: 'reversible',
    impact: 'The incident appears in the queue of its new owner.',
    undo: 'Restores the former owner, or none, if the incident is still assigned as the responder assigned it.',
    settings: { schema: settings, title: ({ assignedTo }) => `Assign the incident to ${assignedTo}` },
  },
);
