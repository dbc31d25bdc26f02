/** The token in a card: authenticates the card and its content, but not the person who clicks. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { contentHash } from '../../approvals/plan-hash.js';
import type { ApprovalRequest } from '../../domain/approval.js';

export interface CardKey {
  /** Letters, digits and hyphens; part of the token, which allows key rotation. */
  readonly id: string;
  readonly secret: string;
}
export type TokenProblem = 'malformed' | 'unknown-key' | 'forged' | 'expired';

const FORM = /^k([A-Za-z0-9-]{1,40})\.(\d{1,12})\.([\w-]{43})$/;

type Subject = Pick<ApprovalRequest, 'id' | 'planHash' | 'stepIds' | 'expiresAt'>;

/** Where a card is: its token is invalid in any other channel, and for the bot of any other tenant. */
export interface CardPlace {
  readonly tenantId: string;
  /** Teams' id of the channel. */
  readonly channelId: string;
}

export function cardToken(
  request: Subject & { readonly revision: number },
  place: CardPlace,
  key: CardKey,
): string {
  const expires = String(Math.floor(Date.parse(request.expiresAt) / 1000));
  return `k${key.id}.${expires}.${mac(request, request.revision, place, expires, key)}`;
}

/**
 * Returns the problem with a token, or undefined.
 * @param about with the revision that the card claims. @param now milliseconds since 1970.
 */
export function checkCardToken(
  token: string,
  about: { readonly request: Subject; readonly revision: number; readonly place: CardPlace },
  keys: readonly CardKey[],
  now: number,
): TokenProblem | undefined {
  const [, id, expires = '', given = ''] = FORM.exec(token) ?? [];
  if (id === undefined) return 'malformed';
  const key = keys.find((one) => one.id === id);
  if (key === undefined) return 'unknown-key';
  const right = mac(about.request, about.revision, about.place, expires, key);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(right))) return 'forged';
  return now >= Number(expires) * 1000 ? 'expired' : undefined;
}

function mac(
  { id, planHash, stepIds }: Subject,
  revision: number,
  { tenantId, channelId }: CardPlace,
  expires: string,
  { secret }: CardKey,
): string {
  const proposals = contentHash({ planHash, stepIds });
  const input = JSON.stringify(['approval card', id, revision, tenantId, channelId, expires, proposals]);
  return createHmac('sha256', secret).update(input, 'utf8').digest('base64url');
}
