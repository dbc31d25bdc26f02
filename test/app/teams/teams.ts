/** A responder with a bot in the SOC's team, and the clicks of people on its cards. */

import { onceEvaluated } from '../once-evaluated.js';
import { ANALYSTS, type Analyst, Responder, type ResponderOptions, until } from '../responder.js';

export const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
export const BOT = '00000000-0000-4000-8000-00000000c11e';
export const TENANT = '00000000-0000-4000-8000-0000000000ac';

export interface ChannelMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly versions: number;
  readonly activity: { readonly text?: string; readonly attachments: readonly { readonly content: Card }[] };
}
export interface Card {
  readonly fallbackText: string;
  readonly body: readonly object[];
  readonly actions: readonly Action[];
}
interface Action {
  readonly verb?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly card?: { readonly actions: readonly Action[] };
}
export interface Seen {
  readonly status: number;
  readonly type: string;
  /** The card that the clicker sees, as text, or the message. */
  readonly text: string;
  readonly value: unknown;
}
export interface Click {
  readonly verb?: string;
  readonly by?: Analyst;
  readonly selection?: string;
  readonly reason?: string;
  /** Changes to the activity; undefined removes a field. */
  readonly change?: Readonly<Record<string, unknown>>;
  /** Changes to the card's own data. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
}

let activities = 0;

export class TeamsResponder {
  private constructor(readonly responder: Responder) {}

  static async start(options: ResponderOptions = {}): Promise<TeamsResponder> {
    const settings = {
      TEAMS_BOT_ID: BOT,
      TEAMS_CHANNELS: JSON.stringify({ 'soc-incidents': CHANNEL }),
      ...options.settings,
    };
    return new TeamsResponder(await Responder.start({ ...options, settings }));
  }

  get endpoint(): string {
    return `${this.responder.host.url}/api/messages`;
  }

  messages(): ChannelMessage[] {
    return (this.responder.simulator.state() as { channelMessages: ChannelMessage[] }).channelMessages;
  }

  cards(): ChannelMessage[] {
    return this.messages().filter(({ activity }) => activity.attachments.length > 0);
  }

  /** Waits for a card that contains the text. */
  card(text: string | RegExp): Promise<ChannelMessage> {
    const shows = (message: ChannelMessage) =>
      typeof text === 'string' ? shown(message).includes(text) : text.test(shown(message));
    return until(`a card that says ${text}`, async () => this.cards().find(shows));
  }

  activity(message: ChannelMessage, click: Click = {}): Record<string, unknown> {
    const { verb = 'sentinel.approve', by = 'Local analyst', selection = '0', reason, change, data } = click;
    const person = ANALYSTS.find(({ name }) => name === by);
    const card = message.activity.attachments[0]?.content;
    activities += 1;
    const inputs = { selection, ...(reason === undefined ? {} : { reason }) };
    return {
      type: 'invoke',
      name: 'adaptiveCard/action',
      id: `activity-${activities}`,
      replyToId: message.id,
      from: { id: `29:${person?.id}`, name: by, aadObjectId: person?.id },
      conversation: {
        id: message.conversationId,
        conversationType: 'channel',
        tenantId: TENANT,
        isGroup: true,
      },
      channelData: { tenant: { id: TENANT }, channel: { id: CHANNEL }, source: { name: 'message' } },
      value: {
        action: { type: 'Action.Execute', verb, data: { ...button(card, verb), ...inputs, ...data } },
        trigger: 'manual',
      },
      ...change,
    };
  }

  /** Clicks, and waits until the decision is evaluated. */
  async click(message: ChannelMessage, click: Click = {}): Promise<Seen> {
    const activity = this.activity(message, click);
    const [instanceId] = /incident-[0-9a-f]{40}/.exec(JSON.stringify(activity)) ?? [];
    const file = async () => (instanceId === undefined ? undefined : this.responder.caseFile(instanceId));
    const evaluated = async () => (await file())?.decisions.length ?? 0;
    const before = await evaluated();
    return onceEvaluated(
      () => this.send(activity, click.authorization),
      ({ text }) => /It is being evaluated/.test(text ?? ''),
      async () => (await evaluated()) > before,
    );
  }

  async send(activity: object, authorization?: string): Promise<Seen> {
    const { teams } = this.responder.simulator;
    const answer = await teams.send(this.endpoint, activity, authorization);
    const body = answer.text === '' ? {} : (JSON.parse(answer.text) as { type?: string; value?: unknown });
    const { type = '', value } = body;
    return {
      status: answer.status,
      type,
      value,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    };
  }

  stop(): Promise<void> {
    return this.responder.stop();
  }
}

/** The complete text of a card. */
export function shown({ activity }: ChannelMessage): string {
  return JSON.stringify(activity.attachments[0]?.content ?? activity.text).replaceAll('\\\\', '');
}

/** The data of the button with this verb, also in nested cards. */
function button(card: Card | undefined, verb: string): Readonly<Record<string, unknown>> {
  const all = (card?.actions ?? []).flatMap((action) => [action, ...(action.card?.actions ?? [])]);
  return (all.find((action) => action.verb === verb) ?? all.find(({ data }) => data))?.data ?? {};
}
