/** Shows requests in Teams: a card in each channel that policy names, brought up to date at every change. */
import type { InvocationContext } from '@azure/functions';
import { plain } from '../../approvals/card/index.js';
import type { ApprovalChannels, ApprovalNotice, ChannelReport } from '../../approvals/index.js';
import type { PostedCard } from '../../domain/approval.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../../domain/errors.js';
import { cardFor } from './card.js';
import { serviceUrlOf } from './conversations.js';
import type { TeamsSetup } from './setup.js';

export function teamsChannels(setup: TeamsSetup, context: InvocationContext): ApprovalChannels {
  return {
    async show(notice) {
      const reports = await Promise.all(
        notice.request.channels.map((channel) => showIn(channel, notice, setup, context)),
      );
      const elsewhere = notice.request.cards.filter(
        ({ channel }) => !notice.request.channels.includes(channel),
      );
      const errors = reports.flatMap(({ error }) => error ?? []);
      // What may pass is told first, because it makes the notice come again.
      const error = errors.find(({ retry }) => retry !== 'no') ?? errors[0];
      const cards = [...elsewhere, ...reports.flatMap((report) => report.cards)];
      return { cards, ...(error === undefined ? {} : { error }) };
    },
  };
}

async function showIn(
  channel: string,
  notice: ApprovalNotice,
  setup: TeamsSetup,
  context: InvocationContext,
): Promise<ChannelReport> {
  const known = notice.request.cards.filter((card) => card.channel === channel);
  try {
    const channelId = setup.channelIds[channel];
    if (channelId === undefined) throw unknownChannel(channel);
    if (known.length === 0) return { cards: [await post(channel, channelId, notice, setup, context)] };
    return await update(known, notice, setup);
  } catch (thrown) {
    return { cards: known, error: toErrorInfo(thrown) };
  }
}

async function post(
  channel: string,
  channelId: string,
  notice: ApprovalNotice,
  setup: TeamsSetup,
  context: InvocationContext,
): Promise<PostedCard> {
  const { tenantId, client, defaultServiceUrl } = setup;
  const serviceUrl = (await serviceUrlOf(context, channelId)) ?? defaultServiceUrl;
  const posted = await client.post({ serviceUrl, tenantId, channelId }, cardFor(notice, channelId, setup));
  return { channel, channelId, tenantId, ...posted };
}

/** A card that somebody deleted is forgotten, and not posted again. */
async function update(
  cards: readonly PostedCard[],
  notice: ApprovalNotice,
  setup: TeamsSetup,
): Promise<ChannelReport> {
  const errors: ErrorInfo[] = [];
  const there: PostedCard[] = [];
  for (const card of cards) {
    try {
      await setup.client.update(card, cardFor(notice, card.channelId, setup));
      there.push(card);
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code === 'not-found') continue;
      errors.push(error);
      there.push(card);
    }
  }
  const [error] = errors;
  if (error !== undefined) return { cards: there, error };
  const [first] = there;
  const words = wake(notice);
  // An update makes no phone ring: an answer in the thread does.
  if (first !== undefined && words !== undefined) await setup.client.reply(first, words);
  return { cards: there };
}

function wake({ change, request, view }: ApprovalNotice): string | undefined {
  const title = plain(view.title, 160);
  if (change === 'reminded') return `Reminder: “${title}” still waits for approval.`;
  if (change !== 'escalated') return undefined;
  const to = request.escalations.at(-1)?.to ?? 'the next tier';
  return `Escalated to ${plain(to, 80)}: “${title}” still waits for approval.`;
}

function unknownChannel(channel: string): ResponderError {
  return new ResponderError({
    code: 'unknown-channel',
    message: `The playbook posts to the channel ${channel}, and TEAMS_CHANNELS does not name it.`,
    blame: 'caller',
    retry: 'no',
    place: 'TEAMS_CHANNELS',
    next: 'Add the channel with its id in Teams; until then this request waits on the page and the command line.',
  });
}
