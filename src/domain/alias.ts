/**
 * One incident may be known by several keys. A durable entity for each key says which instance handles the incident; the first
 * claim counts. Keys are claimed only after the service that owns the incident has confirmed them.
 */
import { z } from 'zod';
import { incidentOriginSchema } from './incident-origin.js';

/** The instance that handles an incident, and how it reads it. */
export const aliasOwnerSchema = z.object({ instanceId: z.string(), origin: incidentOriginSchema });
export type AliasOwner = z.infer<typeof aliasOwnerSchema>;

/** `alias`: the id that an instance of this key would have. It is the entity's key, too. */
export const aliasClaimSchema = z.object({
  alias: z.string(),
  owner: aliasOwnerSchema,
  /** The instance that must have had the alias until now, because it can no longer read the incident. */
  instead: z.string().optional(),
});
export type AliasClaim = z.infer<typeof aliasClaimSchema>;

/** `owned`: by the instance of the first claim. `refused`: the app has not sealed the claim for this entity. */
export const aliasAnswerSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('owned'), owner: aliasOwnerSchema }),
  z.object({ state: z.literal('refused') }),
]);
export type AliasAnswer = z.infer<typeof aliasAnswerSchema>;
