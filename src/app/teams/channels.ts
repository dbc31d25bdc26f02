/** Shows requests in Teams: one card in each channel that the policy names, updated at every change. */
import type { InvocationContext } from '@azure/functions';
import type { ApprovalChannels, ApprovalNotice, ChannelReport } from '../../approvals/index.js';
import type { PostedCard } from '../../domain/approval.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../../domain/errors.js';
import { plain } from '../../views/card/index.js';
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
      // A retryable error takes precedence, because it makes the orchestration send the notice again.
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
  const serviceUrl = (await serviceUrlOf(context, { tenantId, channelId })) ?? defaultServiceUrl;
  const posted = await client.post({ serviceUrl, tenantId, channelId }, cardFor(notice, channelId, setup));
  return { channel, channelId, tenantId, ...posted };
}

/** Updates the posted cards. A deleted card is removed from the list and is not posted again. */
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
  const text = notificationText(notice);
  // A card update notifies no one; a reply in the thread does.
  if (first !== undefined && text !== undefined) await setup.client.reply(first, text);
  return { cards: there };
}

function notificationText({ change, request, view }: ApprovalNotice): string | undefined {
  const title = plain(view.title, 160);
  if (change === 'reminded') return `Reminder: “${title}” is still awaiting approval.`;
  if (change !== 'escalated') return undefined;
  const to = request.escalations.at(-1)?.to ?? 'the next tier';
  return `Escalated to ${plain(to, 80)}: “${title}” is still awaiting approval.`;
}

function unknownChannel(channel: string): ResponderError {
  return new ResponderError({
    code: 'unknown-channel',
    message: `The playbook names the channel ${channel}, but TEAMS_CHANNELS does not contain it.`,
    fault: 'caller',
    retry: 'no',
    place: 'TEAMS_CHANNELS',
    next: 'Add the channel with its Teams id to TEAMS_CHANNELS. Until then, use the page or the command line for this request.',
  });
}
