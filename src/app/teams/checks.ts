/** The local checks of a click, in this order: place, card, time, person. */
import { z } from 'zod';
import type { ApprovalRequest } from '../../domain/approval.js';
import { FOREIGN_TENANT } from '../../domain/refused-decisions.js';
import { wellFormed } from '../../domain/unicode-text.js';
import { clock } from '../clock.js';
import { ofTenant, type PersonDecider } from '../decide.js';
import { checkCardToken } from './card-token.js';
import type { TeamsSetup } from './setup.js';
import type { Click } from './wire.js';

/** A refused click. The message is for the person who clicked; the code is for log and audit only. */
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
 * Checks that the click is from the home tenant, for this bot, and from a configured channel: the buttons of a card that
 * was copied to another chat must not work. Returns the channel's id.
 * @throws Refused
 */
export function checkPlace(click: Click, setup: TeamsSetup): string {
  const { conversation, channelData, recipient } = click;
  if (tenantsOf(click).some((id) => id !== setup.tenantId)) {
    throw new Refused(FOREIGN_TENANT, 'Only members of the home organisation can decide.');
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
 * Checks that this responder issued the card, that it is unchanged, and that it belongs in this channel.
 * @param clicked the request whose button was clicked. @param base the request that the card shows.
 * @throws Refused
 */
export function checkCard(
  click: Click,
  { clicked, base }: { readonly clicked: ApprovalRequest; readonly base: ApprovalRequest },
  channelId: string,
  { cardKeys, channelIds, tenantId }: TeamsSetup,
): void {
  const { tok, rev } = click.value.action.data;
  const about = { request: clicked, revision: rev, place: { tenantId, channelId } };
  const problem = checkCardToken(tok, about, cardKeys, clock.now());
  // An expired token is genuine. The evaluation checks the deadline of the request.
  if (problem !== undefined && problem !== 'expired') {
    throw new Refused(`card-${problem}`, 'This card was not issued by this responder, or was changed.');
  }
  if (!base.channels.some((name) => channelIds[name] === channelId)) {
    throw new Refused('foreign-place', ELSEWHERE);
  }
}

/** @throws Refused for a click that is too old, or whose timestamp is not valid. */
export function checkAge({ timestamp }: Click): void {
  const age = Math.abs(clock.now() - Date.parse(timestamp));
  if (age < OLDEST_CLICK_MS) return;
  throw new Refused('old-click', 'This click is too old. Open the card again, then decide.');
}

/** The person that Teams names; the object id is empty if Teams names no person. */
export function claimedPerson({ from }: Click, { tenantId }: TeamsSetup): PersonDecider {
  const name = wellFormed(from.name.slice(0, 200)) || 'Unnamed person';
  const objectId = guid(from.aadObjectId) ?? '';
  return { kind: 'person', ...ofTenant(tenantId), objectId, name, channel: 'teams' };
}

/** @throws Refused if Teams names no person. */
export function checkPerson({ objectId }: PersonDecider): void {
  if (objectId === '') throw new Refused('no-person', 'Teams did not identify you. Decide in the browser.');
}

/** The sender of a refused click, with the tenant id if it is another tenant. Undefined: unknown. */
export function senderOf(click: Click, setup: TeamsSetup): PersonDecider | undefined {
  const person = claimedPerson(click, setup);
  if (person.objectId === '') return undefined;
  const foreign = tenantsOf(click).find((id) => id !== setup.tenantId);
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
