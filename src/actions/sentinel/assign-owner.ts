import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { type SentinelProperties, sentinelIncidents } from './incidents/incidents.js';

const settings = z.strictObject({
  objectId: z.guid().describe('Object id of the user or group in Entra'),
  name: z.string().trim().min(1).max(100).describe('Their name, for people'),
});

const text = z.string().nullish();
const properties = {
  objectId: text,
  email: text,
  assignedTo: text,
  userPrincipalName: text,
  ownerType: text,
};
/** The owner, as Sentinel returns it; null where the incident has no such property. */
const value = z.strictObject(properties).nullable();

/** Assigns the incident to a user or a group. */
export default incidentFieldAction(
  sentinelIncidents,
  {
    value,
    get: ownerOf,
    seen: { schema: value, of: (owner) => owner },
    isSet: (now, { objectId }: z.infer<typeof settings>) =>
      now?.objectId?.toLowerCase() === objectId.toLowerCase(),
    set: (_properties, { objectId }) => ({ owner: { objectId } }),
    restore: (_properties, before) => ({ owner: before }),
    words: (now) => {
      const name = now?.userPrincipalName ?? now?.email ?? now?.assignedTo ?? now?.objectId;
      return name == null ? 'no owner' : `the owner ${name}`;
    },
  },
  {
    name: 'sentinel.assign-owner',
    title: 'Assign the incident',
    risk: 'reversible',
    impact: 'The incident appears in the queue of its new owner.',
    undo: 'Restores the former owner, or none, if the incident is still assigned as the responder assigned it.',
    settings: { schema: settings, title: ({ name }) => `Assign the incident to ${name}` },
  },
);

function ownerOf({ owner }: SentinelProperties): z.infer<typeof value> {
  return owner == null ? null : z.object(properties).parse(owner);
}
