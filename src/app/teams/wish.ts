/** What a click asks for, and as what it is kept where it does not count. */
import { createHash } from 'node:crypto';
import type { ApprovalRequest, DecisionKind, PostedCard } from '../../domain/approval.js';
import type { RefusedDecision } from '../../domain/door-refusals.js';
import { wellFormed } from '../../domain/letters.js';
import type { Wish } from '../decide.js';
import { senderOf } from './checks.js';
import type { TeamsSetup } from './setup.js';
import type { Click } from './wire.js';

const KINDS: Readonly<Record<string, DecisionKind>> = {
  'sentinel.approve': 'approve',
  'sentinel.reject': 'reject',
  'sentinel.extend': 'extend',
  'sentinel.undo': 'undo',
};

/** Undefined: it decides nothing, and asks to see the card as it is. */
export function kindOf({ value }: Click): DecisionKind | undefined {
  return KINDS[value.action.verb];
}

/** The same delivery is the same decision; a second click is another one, and judged as such. */
function decisionIdOf({ value, from, id }: Click, kind: DecisionKind): string {
  const { rid, rev } = value.action.data;
  const about = [id, from.aadObjectId, rid, rev, kind];
  return `teams-${createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40)}`;
}

export function wishOf(click: Click, kind: DecisionKind, request: ApprovalRequest): Wish {
  const { rev, selection, reason } = click.value.action.data;
  return {
    id: decisionIdOf(click, kind),
    requestId: request.id,
    kind,
    revision: rev,
    planHash: request.planHash,
    steps: kind === 'approve' || kind === 'undo' ? stepsOf(selection, request) : [],
    reason: reason.trim() || undefined,
  };
}

/** A click that is refused, for the audit: nothing of it is proved but that Teams says so. */
export function refusedOf(click: Click, kind: DecisionKind, setup: TeamsSetup): RefusedDecision {
  const { rid, rev, selection, reason } = click.value.action.data;
  return {
    id: decisionIdOf(click, kind),
    requestId: rid,
    by: senderOf(click, setup),
    kind,
    revision: rev,
    steps: selection.split(',').flatMap((text) => (text === '' ? [] : `#${text}`)),
    reason: reason.trim() || undefined,
  };
}

/** Positions become ids. One that there is not stays as it came, so that the judge can say so. */
function stepsOf(selection: string, { stepIds }: ApprovalRequest): string[] {
  const positions = selection
    .split(',')
    .filter((text) => text !== '')
    .slice(0, 500);
  const idAt = (text: string) => (/^\d{1,4}$/.test(text) ? stepIds[Number(text)] : undefined);
  return [...new Set(positions.map((text) => idAt(text) ?? `#${wellFormed(text.slice(0, 100))}`))];
}

/** Where a repeated post left a second card behind, it becomes known by this. */
export function postedCard(
  { serviceUrl, conversation, replyToId }: Click,
  request: ApprovalRequest,
  channelId: string,
  { channelIds, tenantId }: TeamsSetup,
): PostedCard {
  const channel = request.channels.find((name) => channelIds[name] === channelId) ?? '';
  return {
    channel,
    serviceUrl,
    tenantId,
    channelId,
    conversationId: conversation.id,
    activityId: replyToId,
  };
}
