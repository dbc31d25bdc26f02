/**
 * Messages with a MAC that only the app can compute. Anyone who can call the Durable extension can start instances and
 * signal entities, so the call itself proves nothing about the sender.
 */
import { z } from 'zod';

/** The purpose of a message. A receiver rejects a message with any other purpose. */
export const sealPurposeSchema = z.enum([
  'start',
  'update',
  'case-update',
  'refused-decision',
  'reliance',
  'conversation',
  'earlier-run',
  'rejected-body',
  'watermark',
  'alias',
  'events',
  'alert',
]);
export type SealPurpose = z.infer<typeof sealPurposeSchema>;

export const sealBindingSchema = z.object({
  purpose: sealPurposeSchema,
  /** The instance that sent the message or that it is about. Messages without an instance use a fixed name. */
  instanceId: z.string(),
  /** The run of that instance, from 1. */
  generation: z.number().int().positive(),
  /** Orders the messages of one sender and purpose; 0 if they have no order. */
  sequence: z.number().int().nonnegative(),
});
export type SealBinding = z.infer<typeof sealBindingSchema>;

/** `content` is JSON in a string, because hosts re-serialise JSON but do not change strings. */
export const sealedMessageSchema = sealBindingSchema.extend({
  content: z.string(),
  seal: z.object({ keyId: z.string(), mac: z.string() }),
});
export type SealedMessage = z.infer<typeof sealedMessageSchema>;

export type OpenedMessage =
  | (SealBinding & { readonly ok: true; readonly content: unknown; readonly mac: string })
  /** `unsealed`: not a sealed message. `forged`: unknown key or wrong MAC. `misplaced`: genuine, but bound elsewhere. */
  | { readonly ok: false; readonly code: 'unsealed' | 'forged' | 'misplaced' };

export interface Sealer {
  /** Deterministic: equal content gives an equal message. Without a key the seal is empty and `open` rejects it. */
  seal(content: unknown, about: SealBinding): SealedMessage;
  /** Accepts any value and never throws. @param about the required binding; omitted fields may have any value. */
  open(raw: unknown, about: Pick<SealBinding, 'purpose'> & Partial<SealBinding>): OpenedMessage;
}
