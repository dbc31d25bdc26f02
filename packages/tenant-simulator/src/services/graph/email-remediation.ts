/** Moves and deletes delivered messages. https://learn.microsoft.com/graph/api/security-analyzedemail-remediate */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { guidOf } from '../../ids.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Email } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { GRAPH } from './host.js';

/** What each action is called in the tables, and where the message is afterwards. */
const ACTIONS = {
  moveToJunk: { action: 'Moved to junk folder', location: 'Junk folder' },
  moveToInbox: { action: 'Moved to inbox', location: 'Inbox/folder' },
  moveToDeletedItems: { action: 'Moved to deleted items', location: 'Deleted items folder' },
  softDelete: { action: 'Soft delete', location: 'Soft deleted' },
  hardDelete: { action: 'Hard delete', location: 'Hard deleted' },
} as const;
type Action = keyof typeof ACTIONS;
/** From here no remediation moves a message. */
const OUT_OF_REACH = ['On-premises/External', 'Failed', 'Dropped', 'Quarantine', 'Hard deleted'];

const bodySchema = z.strictObject({
  displayName: z.string().min(1),
  description: z.string(),
  severity: z.enum(['low', 'medium', 'high']),
  action: z.enum(Object.keys(ACTIONS) as Action[]),
  remediateSendersCopy: z.boolean(),
  analyzedEmails: z
    .array(z.looseObject({ networkMessageId: z.string().min(1), recipientEmailAddress: z.string().min(1) }))
    .min(1),
});

/** It is only accepted: the copies are moved one by one later. */
function remediate({ text, db, now }: RouteRequest): RouteResponse {
  const { displayName, action, analyzedEmails } = readBody(text, bodySchema, 'BadRequest');
  const id = guidOf('remediation', String(now), text);
  const startsAt = new Date(now + db.settings.emailRemediationSeconds * 1000).toISOString();
  db.put('emailRemediations', { id, displayName, action, startsAt, emails: analyzedEmails });
  return { status: 202 };
}

/** Carries out what is due. */
export function advanceEmailRemediations(db: TenantDatabase, now: number): void {
  for (const { id, action, startsAt, emails } of db.all('emailRemediations')) {
    if (Date.parse(startsAt) > now) continue;
    for (const email of db.all('emails')) {
      const isMeant = emails.some(
        (one) =>
          one.networkMessageId.toLowerCase() === email.networkMessageId.toLowerCase() &&
          one.recipientEmailAddress.toLowerCase() === email.recipientEmailAddress.toLowerCase(),
      );
      if (isMeant) moveEmail(db, email, action as Action, startsAt);
    }
    db.delete('emailRemediations', id);
  }
}

function moveEmail(db: TenantDatabase, email: Email, named: Action, timestamp: string): void {
  const { action, location } = ACTIONS[named];
  if (email.location === location || OUT_OF_REACH.includes(email.location)) return;
  const fails = email.remediationFails === true;
  const { networkMessageId, recipientEmailAddress } = email;
  db.put('emailPostDeliveryEvents', {
    id: guidOf('event', networkMessageId, recipientEmailAddress, named, timestamp),
    timestamp,
    networkMessageId,
    recipientEmailAddress,
    action,
    actionType: 'Manual remediation',
    actionTrigger: 'AdminAction',
    actionResult: fails ? 'Error' : 'Success',
    deliveryLocation: fails ? email.location : location,
  });
  if (!fails) db.put('emails', { ...email, location });
}

export const emailRemediationRoutes: readonly Route[] = [
  {
    host: GRAPH,
    method: 'POST',
    path: '/v1.0/security/collaboration/analyzedEmails/remediate',
    anyOf: ['SecurityAnalyzedMessage.ReadWrite.All'],
    handle: remediate,
  },
];
