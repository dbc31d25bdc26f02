/** What the case of a merged incident hands over, as a message and in the case file of the target. */
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
