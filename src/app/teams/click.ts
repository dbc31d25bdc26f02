/** A click on a card, from the check of where it came from to the answer that the clicker sees. */
import { createHash } from 'node:crypto';
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { checkCardToken } from '../../approvals/card/index.js';
import {
  type ApprovalRequest,
  type Decider,
  type DecisionKind,
  instanceIdOfRequest,
  type PostedCard,
  requestIdOf,
} from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import { clock } from '../clock.js';
import { decide, type Wish } from '../decide.js';
import { Instances } from '../durable-client.js';
import { cardFor } from './card.js';
import type { TeamsSetup } from './setup.js';
import { type Click, type ClickAnswer, cardAnswer, textAnswer } from './wire.js';

/** Real milliseconds to wait for the verdict: Teams gives up after five seconds. */
const PATIENCE = 2_500;
const OLDEST_CLICK_MS = 10 * 60_000;

const KINDS: Readonly<Record<string, DecisionKind>> = {
  'sentinel.approve': 'approve',
  'sentinel.reject': 'reject',
  'sentinel.extend': 'extend',
  'sentinel.undo': 'undo',
};

/** A click that does not count before anything is asked of anybody. */
class Refused extends Error {
  constructor(
    readonly code: string,
    readonly shown: string,
  ) {
    super(code);
  }
}

export async function answerClick(
  click: Click,
  setup: TeamsSetup,
  context: InvocationContext,
): Promise<ClickAnswer> {
  try {
    return await take(click, setup, context);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    const { rid, rev } = click.value.action.data;
    const who = click.from.aadObjectId;
    context.warn(
      `A click on a card was refused: ${JSON.stringify({ code: thrown.code, rid, rev, who, activity: click.id })}`,
    );
    return textAnswer(thrown.shown);
  }
}

async function take(click: Click, setup: TeamsSetup, context: InvocationContext): Promise<ClickAnswer> {
  const { data, verb } = click.value.action;
  const channelId = checkPlace(click, setup);
  const instanceId = instanceIdOfRequest(data.rid);
  const instances = new Instances(context);
  const file = instanceId === undefined ? undefined : await instances.caseFile(instanceId);
  const request = file?.approvals.find(({ id }) => id === data.rid);
  if (file === undefined || request === undefined) {
    throw new Refused('unknown-request', 'This card belongs to no request that is known here.');
  }
  checkCard(click, request, channelId, setup);
  const card = postedCard(click, request, channelId, setup);
  const show = (shown: CaseFile, notice?: string) =>
    cardAnswer(render(shown, data.rid, notice, channelId, setup));
  const kind = KINDS[verb];
  if (kind === undefined) return show(file);
  if (Math.abs(clock.now() - Date.parse(click.timestamp)) < OLDEST_CLICK_MS !== true) {
    throw new Refused('old-click', 'This click is too old. Open the card again and decide on that.');
  }
  const wish = { ...wishOf(click, kind, request), card };
  const decided = await decide(instances, wish, personOf(click), context, PATIENCE);
  const after = (await instances.caseFile(request.instanceId)) ?? file;
  switch (decided.kind) {
    case 'unknown':
      throw new Refused('unknown-request', 'This card belongs to no request that is known here.');
    case 'pending':
      return show(after, 'Recorded. It is being judged; this card changes as soon as it is.');
    case 'judged':
      return decided.verdict.accepted
        ? show(after)
        : show(after, `This did not count. ${decided.verdict.message}`);
  }
}

/** The home tenant, our bot, and one of our channels: a card that was copied to another chat is worth nothing there. */
function checkPlace({ conversation, channelData, recipient }: Click, setup: TeamsSetup): string {
  const tenants = [conversation.tenantId, channelData.tenant.id].map((id) => id.toLowerCase());
  if (tenants.some((id) => id !== setup.tenantId)) {
    throw new Refused('foreign-tenant', 'Only members of the home organisation can decide.');
  }
  if (recipient.id.toLowerCase() !== `28:${setup.botId}`) {
    throw new Refused('foreign-bot', 'This card belongs to another app.');
  }
  const channelId = channelData.channel.id;
  const known = Object.values(setup.channelIds).includes(channelId);
  if (!known || conversation.id.split(';')[0] !== channelId) {
    throw new Refused('foreign-place', 'Decide on the card in the channel that it was posted to.');
  }
  return channelId;
}

function checkCard(
  { value, conversation }: Click,
  request: ApprovalRequest,
  channelId: string,
  { cardKeys, channelIds }: TeamsSetup,
): void {
  const { tok, rev } = value.action.data;
  const about = { request, revision: rev, channelId };
  const problem = checkCardToken(tok, about, cardKeys, clock.now());
  // An expired one is genuine: whether there is still time is judged with the request.
  if (problem !== undefined && problem !== 'expired') {
    throw new Refused(`card-${problem}`, 'This card is not one of ours, or was changed.');
  }
  const shownIn = request.channels.map((name) => channelIds[name]);
  if (!shownIn.includes(channelId) || conversation.id === '') {
    throw new Refused('foreign-place', 'Decide on the card in the channel that it was posted to.');
  }
}

function personOf({ from }: Click): Decider {
  const objectId = z.guid().safeParse(from.aadObjectId);
  if (!objectId.success)
    throw new Refused('no-person', 'Teams did not say who you are. Decide in the browser.');
  const name = from.name.slice(0, 200) || 'Unnamed person';
  return { kind: 'person', objectId: objectId.data.toLowerCase(), name, channel: 'teams' };
}

/** The same delivery is the same decision; a second click is another one, and judged as such. */
function wishOf({ value, from, id: activityId }: Click, kind: DecisionKind, request: ApprovalRequest): Wish {
  const { rev, selection, reason } = value.action.data;
  const about = [activityId, from.aadObjectId, request.id, rev, kind];
  return {
    id: `teams-${createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40)}`,
    requestId: request.id,
    kind,
    revision: rev,
    planHash: request.planHash,
    steps: kind === 'approve' || kind === 'undo' ? stepsOf(selection, request) : [],
    reason: reason.trim() || undefined,
  };
}

/** Positions become ids. One that there is not stays as it came, so that the judge can say so. */
function stepsOf(selection: string, { stepIds }: ApprovalRequest): string[] {
  const positions = selection
    .split(',')
    .filter((text) => text !== '')
    .slice(0, 500);
  return [
    ...new Set(positions.map((text) => (/^\d{1,4}$/.test(text) ? stepIds[Number(text)] : undefined) ?? text)),
  ];
}

function postedCard(
  { serviceUrl, conversation, replyToId }: Click,
  request: ApprovalRequest,
  channelId: string,
  { channelIds, tenantId }: TeamsSetup,
): PostedCard {
  const channel = request.channels.find((name) => channelIds[name] === channelId) ?? '';
  return { channel, serviceUrl, tenantId, channelId, conversationId: conversation.id, activityId: replyToId };
}

/** One card shows a request and its undo, whichever of the two was clicked. */
function render(
  file: CaseFile,
  requestId: string,
  notice: string | undefined,
  channelId: string,
  setup: TeamsSetup,
): object {
  const clicked = file.approvals.find(({ id }) => id === requestId);
  if (clicked === undefined) throw new Refused('unknown-request', 'This request is gone.');
  const other = (purpose: ApprovalRequest['purpose']) =>
    file.approvals.find(({ id }) => id === requestIdOf(file.instanceId, clicked.tier, purpose));
  const request = other('respond') ?? clicked;
  return cardFor({ view: file, request, undo: other('undo'), notice }, channelId, setup).card;
}
