/** What is checked about a click before anything is asked of anybody, in this order: place, card, time, person. */
import { z } from 'zod';
import { checkCardToken } from '../../approvals/card/index.js';
import type { ApprovalRequest } from '../../domain/approval.js';
import { wellFormed } from '../../domain/letters.js';
import { clock } from '../clock.js';
import type { PersonDecider } from '../decide.js';
import type { TeamsSetup } from './setup.js';
import type { Click } from './wire.js';

/** A click that does not count. Its message is for whoever clicked, its code for log and audit only. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const OLDEST_CLICK_MS = 10 * 60_000;
const ELSEWHERE = 'Decide on the card in the channel that it was posted to.';

/**
 * The home tenant, our bot, and one of our channels: a card that was copied to another chat is worth nothing there.
 * Gives the channel's id.
 * @throws Refused
 */
export function checkPlace(click: Click, setup: TeamsSetup): string {
  const { conversation, channelData, recipient } = click;
  if (tenantsOf(click).some((id) => id !== setup.tenantId)) {
    throw new Refused('foreign-tenant', 'Only members of the home organisation can decide.');
  }
  if (recipient.id.toLowerCase() !== `28:${setup.botId}`) {
    throw new Refused('foreign-bot', 'This card belongs to another app.');
  }
  const channelId = channelData.channel.id;
  const known = Object.values(setup.channelIds).includes(channelId);
  if (!known || conversation.id.split(';')[0] !== channelId) throw new Refused('foreign-place', ELSEWHERE);
  return channelId;
}

/**
 * The card is ours, was not changed, and belongs into this channel.
 * @param clicked the request whose button it was. @param base the one that the card is about.
 * @throws Refused
 */
export function checkCard(
  click: Click,
  { clicked, base }: { readonly clicked: ApprovalRequest; readonly base: ApprovalRequest },
  channelId: string,
  { cardKeys, channelIds }: TeamsSetup,
): void {
  const { tok, rev } = click.value.action.data;
  const about = { request: clicked, revision: rev, channelId };
  const problem = checkCardToken(tok, about, cardKeys, clock.now());
  // An expired one is genuine: whether there is still time is judged with the request.
  if (problem !== undefined && problem !== 'expired') {
    throw new Refused(`card-${problem}`, 'This card is not one of ours, or was changed.');
  }
  if (!base.channels.some((name) => channelIds[name] === channelId)) {
    throw new Refused('foreign-place', ELSEWHERE);
  }
}

/** @throws Refused for what was said long ago, or is said to have been. */
export function checkAge({ timestamp }: Click): void {
  const age = Math.abs(clock.now() - Date.parse(timestamp));
  if (age < OLDEST_CLICK_MS) return;
  throw new Refused('old-click', 'This click is too old. Open the card again and decide on that.');
}

/** Who Teams says it was; the object id is empty where it does not name a person. */
export function claimedPerson({ from }: Click): PersonDecider {
  const name = wellFormed(from.name.slice(0, 200)) || 'Unnamed person';
  return { kind: 'person', objectId: guid(from.aadObjectId) ?? '', name, channel: 'teams' };
}

/** @throws Refused where Teams does not name a person. */
export function checkPerson({ objectId }: PersonDecider): void {
  if (objectId === '')
    throw new Refused('no-person', 'Teams did not say who you are. Decide in the browser.');
}

/** Who sent a click that does not count: a person of another tenant is named with it. Undefined: nobody knows. */
export function senderOf(click: Click, { tenantId: home }: TeamsSetup): PersonDecider | undefined {
  const person = claimedPerson(click);
  if (person.objectId === '') return undefined;
  const foreign = tenantsOf(click).find((id) => id !== home);
  if (foreign === undefined) return person;
  const tenantId = guid(foreign);
  return tenantId === undefined ? undefined : { ...person, tenantId };
}

function tenantsOf({ conversation, channelData }: Click): string[] {
  return [conversation.tenantId, channelData.tenant.id].map((id) => id.toLowerCase());
}

function guid(text: string | undefined): string | undefined {
  return z.guid().safeParse(text).data?.toLowerCase();
}
