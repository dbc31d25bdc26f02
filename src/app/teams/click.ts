/** A click on a card, from the checks of where it came from to the answer that the clicker sees. */
import { createHash } from 'node:crypto';
import type { InvocationContext } from '@azure/functions';
import {
  type ApprovalRequest,
  type DecisionKind,
  instanceIdOfRequest,
  type PostedCard,
  requestIdOf,
} from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import { decide, type Wish } from '../decide.js';
import { Instances } from '../durable-client.js';
import { cardFor } from './card.js';
import { checkAge, checkCard, checkPlace, personOf, Refused } from './checks.js';
import type { TeamsSetup } from './setup.js';
import { type Click, type ClickAnswer, cardAnswer, textAnswer } from './wire.js';

/** Real milliseconds to wait for the verdict: Teams gives up after five seconds. */
const PATIENCE = 2_500;

const KINDS: Readonly<Record<string, DecisionKind>> = {
  'sentinel.approve': 'approve',
  'sentinel.reject': 'reject',
  'sentinel.extend': 'extend',
  'sentinel.undo': 'undo',
};

/** One card shows a request and, once there is one, the request to undo it: either can have been clicked. */
interface OnCard {
  readonly file: CaseFile;
  readonly clicked: ApprovalRequest;
  readonly base: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
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
  const instances = new Instances(context);
  const before = await find(instances, data.rid);
  checkCard(click, before, channelId, setup);
  const show = ({ file, base, undo }: OnCard, notice?: string): ClickAnswer =>
    cardAnswer(cardFor({ view: file, request: base, undo, notice }, channelId, setup).card);

  const kind = KINDS[verb];
  if (kind === undefined) return show(before);
  checkAge(click);
  const person = personOf(click);
  const card = postedCard(click, before.base, channelId, setup);
  const wish = {
    ...wishOf(click, kind, before.clicked),
    ...(before.clicked === before.base ? { card } : {}),
  };
  const decided = await decide(instances, wish, person, context, PATIENCE);
  const after = await find(instances, data.rid);
  switch (decided.kind) {
    case 'unknown':
      throw unknownRequest();
    case 'pending':
      return show(after, 'Recorded. It is being judged; this card changes as soon as it is.');
    case 'judged':
      return decided.verdict.accepted
        ? show(after)
        : show(after, `This did not count. ${decided.verdict.message}`);
  }
}

async function find(instances: Instances, requestId: string): Promise<OnCard> {
  const instanceId = instanceIdOfRequest(requestId);
  const file = instanceId === undefined ? undefined : await instances.caseFile(instanceId);
  const clicked = file?.approvals.find(({ id }) => id === requestId);
  if (file === undefined || clicked === undefined) throw unknownRequest();
  const one = (purpose: ApprovalRequest['purpose']) =>
    file.approvals.find(({ id }) => id === requestIdOf(file.instanceId, clicked.tier, purpose));
  return { file, clicked, base: one('respond') ?? clicked, undo: one('undo') };
}

function unknownRequest(): Refused {
  return new Refused('unknown-request', 'This card belongs to no request that is known here.');
}

/** The same delivery is the same decision; a second click is another one, and judged as such. */
function wishOf({ value, from, id }: Click, kind: DecisionKind, request: ApprovalRequest): Wish {
  const { rev, selection, reason } = value.action.data;
  const about = [id, from.aadObjectId, request.id, rev, kind];
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
  const idAt = (text: string) => (/^\d{1,4}$/.test(text) ? stepIds[Number(text)] : undefined);
  return [...new Set(positions.map((text) => idAt(text) ?? `#${text.slice(0, 100)}`))];
}

/** Where a repeated post left a second card behind, it becomes known by this. */
function postedCard(
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
