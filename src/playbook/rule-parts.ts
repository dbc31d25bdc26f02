import { z } from 'zod';
import { respondSchema } from './schema.js';

/** The valid parts of a rule: one mistake must not hide the others. */
const part = z.string().optional().catch(undefined);
const partsSchema = z
  .object({
    id: part,
    action: part,
    as: part,
    for: respondSchema.shape.for.optional().catch(undefined),
    with: z.unknown().optional(),
    when: respondSchema.shape.when.optional().catch(undefined),
    tier: part,
    unattended: z.boolean().optional().catch(undefined),
  })
  .catch({});
export type Parts = z.infer<typeof partsSchema>;
export const partsOf = (raw: unknown): Parts => partsSchema.parse(raw);
