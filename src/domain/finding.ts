import { z } from 'zod';
import { errorInfoSchema } from './errors.js';
import { recordRefSchema } from './target.js';

const leg = {
  /** Name of the enrichment, e.g. `defender.device`. */
  action: z.string(),
  /** The name that the playbook's conditions use for it, e.g. `device`. */
  as: z.string(),
  entityKey: z.string(),
  target: z.string(),
  durationMs: z.number().nonnegative(),
};

/** What one enrichment found about one entity. Unknown is not zero: a failed one makes a rule that needs it unknown. */
export const findingSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    ...leg,
    /** What it was found out about: a condition on one record allows nothing on another. */
    record: recordRefSchema,
    output: z.record(z.string(), z.unknown()),
  }),
  z.object({ status: z.literal('failed'), ...leg, error: errorInfoSchema }),
]);
export type Finding = z.infer<typeof findingSchema>;
