/** Response schemas of the API of rejected bodies. */
import { z } from 'zod';
import {
  contentFormSchema,
  rejectedFactsSchema,
  rejectedStateSchema,
  rejectedSummarySchema,
} from '../../domain/rejected-body.js';
import { acceptedSchema, rejectedSchema } from './incident-schemas.js';

const id = z.string();

export const rejectedListSchema = z.object({
  rejected: z.array(rejectedSummarySchema.extend({ id })),
  next: z.string().optional().describe('Path of the next page; absent on the last one.'),
});

export const rejectedBodyViewSchema = rejectedFactsSchema.extend({
  id,
  content: z
    .object({
      form: contentFormSchema.describe('As text, as bytes, or as JSON that the host had parsed.'),
      text: z
        .string()
        .optional()
        .describe('The content, for text and JSON. It comes from the sender: do not render it.'),
      base64: z.string().optional().describe('The content, for bytes.'),
    })
    .optional()
    .describe('Absent after a drop.'),
});
export type RejectedBodyView = z.infer<typeof rejectedBodyViewSchema>;

export const resubmissionSchema = z.object({
  id,
  results: z.array(z.union([acceptedSchema, rejectedSchema])),
});
export const droppedSchema = z.object({ id, state: rejectedStateSchema });
