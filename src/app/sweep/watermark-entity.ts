/** Remembers, for each workspace, up to which change of its incidents the sweep has come. */
import type { EntityContext } from 'durable-functions';
import { z } from 'zod';
import type { Sealer } from '../../domain/sealed.js';

/** Entity names are lower case; its key is a hash of the workspace's id. */
export const WATERMARK_ENTITY = 'watermark';
export const ADVANCE = 'advance';

/** `changedAt`: all incidents that changed before this time were seen (ISO 8601, UTC). */
export const watermarkSchema = z.object({ changedAt: z.iso.datetime() });
export type Watermark = z.infer<typeof watermarkSchema>;

/** Accepts only messages that the app sealed for this workspace, and never goes back. */
export function watermarkEntity(open: Sealer['open']): (context: EntityContext<Watermark>) => void {
  return (context) => {
    const { df } = context;
    const opened = open(df.getInput<unknown>(), { purpose: 'watermark', instanceId: df.entityKey });
    const given = opened.ok ? watermarkSchema.safeParse(opened.content) : undefined;
    if (df.operationName !== ADVANCE || given?.success !== true) {
      context.error(`Alarm forged at the watermark ${df.entityKey}.`);
      return;
    }
    const before = df.getState();
    if (before === undefined || before.changedAt < given.data.changedAt) df.setState(given.data);
  };
}
