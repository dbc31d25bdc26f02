/** The orchestration that stores a rejected body: its input is the body, and it ends at once. */
import { rejectedSummarySchema } from '../domain/rejected-body.js';
import { sealedMessageSchema } from '../domain/sealed.js';
import type { Context, Steps } from './durable.js';

export const KEEP_REJECTED_BODY = 'keepRejectedBody';

/**
 * Shows a summary as custom status, because lists of instances contain no inputs. The reader of a single body verifies
 * the seal of the input.
 */
// biome-ignore lint/correctness/useYield: there is nothing to wait for.
export function* keepRejectedBody({ df }: Context): Steps<void> {
  const sealed = sealedMessageSchema.safeParse(df.getInput());
  if (!sealed.success) return;
  df.setCustomStatus(rejectedSummarySchema.parse(JSON.parse(sealed.data.content)));
}
