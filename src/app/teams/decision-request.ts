/** Converts a click into a decision request, or into a refused decision. */
import { createHash } from 'node:crypto';
import type { ApprovalRequest, DecisionKind, PostedCard } from '../../domain/approval.js';
import type { SubmittedDecision } from '../../domain/refused-decisions.js';
import { wellFormed } from '../../domain/unicode-text.js';
import type { DecisionRequest } from '../decide.js';
import { senderOf } from './checks.js';
import type { TeamsSetup } from './setup.js';
import type { Click } from './wire.js';

const KINDS: Readonly<Record<string, DecisionKind>> = {
  'sentinel.approve': 'approve',
  'sentinel.reject': 'reject',
  'sentinel.extend': 'extend',
  'sentinel.undo': 'undo',
};

/** Undefined: the click decides nothing; it refreshes the card. */
export function kindOf({ value }: Click): DecisionKind | undefined {
  return KINDS[value.action.verb];
}

/** A redelivered click has the same id; a second click is a separate decision. */
function decisionIdOf({ value, from, id }: Click, kind: DecisionKind): string {
  const { rid, rev } = value.action.data;
  const about = [id, from.aadObjectId, rid, rev, kind];
  return `teams-${createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40)}`;
}

export function decisionRequestOf(
  click: Click,
  kind: DecisionKind,
  request: ApprovalRequest,
): DecisionRequest {
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

/** A refused click, for the audit. Its content is unverified, except that Teams sent it. */
export function refusedOf(click: Click, kind: DecisionKind, setup: TeamsSetup): SubmittedDecision {
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

/** Maps positions to step ids. An unknown position is passed on, so that the evaluation can refuse it by name. */
function stepsOf(selection: string, { stepIds }: ApprovalRequest): string[] {
  const positions = selection
    .split(',')
    .filter((text) => text !== '')
    .slice(0, 500);
  const idAt = (text: string) => (/^\d{1,4}$/.test(text) ? stepIds[Number(text)] : undefined);
  return [...new Set(positions.map((text) => idAt(text) ?? `#${wellFormed(text.slice(0, 100))}`))];
}

/** The clicked card. A repeated post can leave a second card; a click makes it known. */
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
