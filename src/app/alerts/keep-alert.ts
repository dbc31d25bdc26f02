/** Stores an alert without an incident as a rejected body, and reports it: its sender was answered long ago. */
import type { InvocationContext } from '@azure/functions';
import type { AlertLookup } from '../../domain/alert-lookup.js';
import type { RejectedOwner } from '../../domain/rejected-body.js';
import type { RejectionCode } from '../../intake/index.js';
import { clock } from '../clock.js';
import { unpackContent } from '../rejected/content.js';
import type { RejectedNotice } from '../rejected/queues.js';
import { RejectedBodies } from '../rejected/rejected-bodies.js';
import { soleTenant } from '../tenants.js';
import { EVERY_CASE } from '../visible-cases.js';
import { scopeOf } from './alert-scope.js';

export interface AlertRejection {
  readonly code: RejectionCode;
  readonly reason: string;
  readonly next: string;
}

/** @throws TooManyRejected, and Error if the durable extension is unavailable. */
export async function keepAlert(
  lookup: AlertLookup,
  rejection: AlertRejection,
  context: InvocationContext,
): Promise<RejectedNotice> {
  const { trigger, messageId, by, content } = lookup;
  const { id, bytes } = await new RejectedBodies(context, EVERY_CASE).keep(await unpackContent(content), {
    ...rejection,
    path: '',
    trigger,
    ...(messageId === undefined ? {} : { messageId }),
    ...(by === undefined ? {} : { submittedBy: by }),
    ...ownerOf(lookup),
  });
  const { code, reason } = rejection;
  context.warn(`Stored as ${id}: an alert has no incident (${code}): ${reason}`);
  const receivedAt = new Date(clock.now()).toISOString();
  const message = messageId === undefined ? {} : { messageId };
  return { id, ...rejection, trigger, ...message, receivedAt, bytes };
}

/** With several tenants, the body is that of its submitter's tenant, or of the tenant in which the alert is looked up. */
function ownerOf({ alert, submitterTenant }: AlertLookup): { readonly owner?: RejectedOwner } {
  if (soleTenant() !== undefined) return {};
  const scope = scopeOf(alert);
  const tenantId = submitterTenant ?? ('refused' in scope ? undefined : scope.tenant.id);
  return tenantId === undefined ? {} : { owner: { tenantId } };
}
