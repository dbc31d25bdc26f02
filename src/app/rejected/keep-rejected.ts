/** Decides what is stored of a body of which something was rejected. */
import type { InvocationContext } from '@azure/functions';
import { clip } from '../../domain/clip.js';
import type { RejectedDelivery } from '../../intake/index.js';
import { clock } from '../clock.js';
import type { Received } from '../deliveries.js';
import type { IntakeOptions, IntakeTrigger } from '../intake.js';
import { EVERY_CASE } from '../visible-cases.js';
import { ownerOf } from './owner.js';
import type { RejectedNotice } from './queues.js';
import { RejectedBodies } from './rejected-bodies.js';

/** More rejected items than this, and the body is stored whole: one body cannot start thousands of instances. */
const MOST_ITEMS = 20;
const LONGEST_MESSAGE_ID = 200;

export interface Origin extends Pick<IntakeOptions, 'submittedBy' | 'submitterTenant'> {
  readonly trigger: IntakeTrigger;
  readonly messageId?: string | undefined;
}

/**
 * Stores what was rejected: the body, or only the rejected items of a body with several. Returns a notice for each.
 * @throws TooManyRejected, and Error if the durable extension is unavailable.
 */
export async function keepRejected(
  body: unknown,
  received: readonly Received[],
  { trigger, messageId, submittedBy, submitterTenant }: Origin,
  context: InvocationContext,
): Promise<RejectedNotice[]> {
  const bodies = new RejectedBodies(context, EVERY_CASE);
  const origin = {
    trigger,
    ...(messageId === undefined ? {} : { messageId: clip(messageId, LONGEST_MESSAGE_ID) }),
    ...(submittedBy === undefined ? {} : { submittedBy }),
  };
  const notices: RejectedNotice[] = [];
  // One after the other: equal items are the same stored body.
  for (const { content, rejection, items } of partsOf(body, received)) {
    const { code, reason, next, path } = rejection;
    const owner = ownerOf(submitterTenant, rejection);
    const given = {
      ...{ code, reason, next, path, ...origin },
      ...(items > 1 ? { items } : {}),
      ...(owner === undefined ? {} : { owner }),
    };
    const { id, bytes } = await bodies.keep(content, given);
    context.warn(`Stored as ${id}: a delivery was rejected (${code}): ${reason}`);
    notices.push({
      id,
      code,
      reason,
      next,
      ...(path === '' ? {} : { path }),
      trigger,
      ...(origin.messageId === undefined ? {} : { messageId: origin.messageId }),
      receivedAt: new Date(clock.now()).toISOString(),
      bytes,
    });
  }
  return notices;
}

interface Part {
  readonly content: unknown;
  readonly rejection: RejectedDelivery;
  readonly items: number;
}

function partsOf(body: unknown, received: readonly Received[]): Part[] {
  const rejected = received.filter((item): item is RejectedDelivery => item.kind === 'rejected');
  const [first] = rejected;
  if (first === undefined) return [];
  const isByItem = rejected.length <= MOST_ITEMS && rejected.every((one) => Object.hasOwn(one, 'item'));
  if (!isByItem) {
    // A body with several items may be about several tenants.
    const { origin, ...rejection } = first;
    return [{ content: body, rejection: received.length === 1 ? first : rejection, items: rejected.length }];
  }
  return rejected.map((rejection) => ({ content: rejection.item, rejection, items: 1 }));
}
