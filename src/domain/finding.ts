import { z } from 'zod';
import { errorInfoSchema } from './errors.js';
import { recordRefSchema } from './target.js';

const task = {
  /** Name of the enrichment, e.g. `defender.device`. */
  action: z.string(),
  /** The name that the playbook's conditions use for it, e.g. `device`. */
  as: z.string(),
  entityKey: z.string(),
  target: z.string(),
  durationMs: z.number().nonnegative(),
};

/** The result of one enrichment for one entity. A failed enrichment makes every condition that needs it `unknown`. */
export const findingSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    ...task,
    /** The record that was read. A condition on one record never allows a response on another. */
    record: recordRefSchema,
    output: z.record(z.string(), z.unknown()),
  }),
  z.object({ status: z.literal('failed'), ...task, error: errorInfoSchema }),
]);
export type Finding = z.infer<typeof findingSchema>;
