/**
 * Messages that only the app itself can have written: whoever may call the durable extension can start instances and
 * signal entities, and proves nothing by that.
 */
import { z } from 'zod';

/** What a message is for: one of another purpose is worth nothing. */
export const sealPurposeSchema = z.enum([
  'start',
  'case-update',
  'door-refusal',
  'reliance',
  'conversation',
  'earlier-run',
]);
export type SealPurpose = z.infer<typeof sealPurposeSchema>;

export const sealBindingSchema = z.object({
  purpose: sealPurposeSchema,
  /** Of the instance that it is from or about; for what belongs to none, a name of its own. */
  instanceId: z.string(),
  /** Which run of that instance: counts from 1. */
  generation: z.number().int().positive(),
  /** Orders the messages of one sender and purpose; 0 where there is no order. */
  sequence: z.number().int().nonnegative(),
});
export type SealBinding = z.infer<typeof sealBindingSchema>;

/** The content is JSON as text: hosts read JSON and write it again in their own way, and leave texts as they are. */
export const sealedMessageSchema = sealBindingSchema.extend({
  content: z.string(),
  seal: z.object({ keyId: z.string(), mac: z.string() }),
});
export type SealedMessage = z.infer<typeof sealedMessageSchema>;

export type OpenedMessage =
  | (SealBinding & { readonly ok: true; readonly content: unknown; readonly mac: string })
  /** `unsealed`: not of that form. `forged`: of no key of ours, or changed. `misplaced`: genuine, and about something else. */
  | { readonly ok: false; readonly code: 'unsealed' | 'forged' | 'misplaced' };

export interface Sealer {
  /** The same content gives the same message. Without a key the message has an empty seal, which nobody accepts. */
  seal(content: unknown, about: SealBinding): SealedMessage;
  /** @param about what the message must be bound to; what is left out may be anything. Takes whatever came; never throws. */
  open(raw: unknown, about: Pick<SealBinding, 'purpose'> & Partial<SealBinding>): OpenedMessage;
}
