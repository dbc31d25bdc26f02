import type { SealBinding, SealedMessage } from '../domain/sealed.js';
import { type Update, updateSchema } from '../domain/update.js';
import { sealer } from './sealing.js';

/** The contents of those updates that the app has sealed for this instance, or for this run of it. */
export function openUpdates(
  messages: readonly SealedMessage[],
  about: Pick<SealBinding, 'instanceId'> & Partial<SealBinding>,
): Update[] {
  return messages.flatMap((message) => {
    const opened = sealer.open(message, { purpose: 'update', ...about });
    return (opened.ok ? updateSchema.safeParse(opened.content).data : undefined) ?? [];
  });
}
