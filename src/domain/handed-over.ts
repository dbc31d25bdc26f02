/** What the case of a merged incident, or of one that is gone, hands over: as a message and in the case file that takes over. */
import { z } from 'zod';
import { involvedSchema } from './involved.js';

/**
 * `in-force`: proved, and it lasts; it can be undone where it was done. `under-way`: begun, and not proved yet. `done`: proved,
 * without a lasting effect. `ended`: undone, or ended by others.
 */
const handedEffectSchema = z.object({
  /** The action on its record, see `targetKeyOf`. */
  key: z.string(),
  title: z.string(),
  target: z.string(),
  state: z.enum(['in-force', 'under-way', 'done', 'ended']),
});
export const handedOverSchema = z.object({
  /**
   * `merged`: into the incident of the case that takes over. `gone`: its own service no longer returns it. `elsewhere`: it turned out
   * to be the same incident.
   */
  because: z.enum(['merged', 'gone', 'elsewhere']),
  from: z.object({
    instanceId: z.string(),
    generation: z.number().int().positive(),
    key: z.string(),
    number: z.string().optional(),
  }),
  effects: z.array(handedEffectSchema),
  /** Keys of what earlier runs have carried out and must never be repeated, see `doneOnce`. */
  once: z.array(z.string()).optional(),
  /** Object ids of the people who submitted the merged incident. They cannot decide about its target either. */
  submitters: z.array(z.string()),
  /** Who the merged incident has named. They cannot decide either. */
  involved: involvedSchema.optional(),
});
export type HandedOver = z.infer<typeof handedOverSchema>;
