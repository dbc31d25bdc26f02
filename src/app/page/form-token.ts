/**
 * What a form must send back: that this person was shown this request at this revision, a short while ago. It gives the
 * decision its id, so that a form that is sent twice is one decision.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { clock } from '../clock.js';
import { composition } from '../composition.js';
import { sameText } from '../same-text.js';

const VALID_MS = 30 * 60_000;

export type FormCheck =
  | { readonly kind: 'good'; readonly decisionId: string }
  /** Genuine, and shown too long ago. */
  | { readonly kind: 'old' }
  | { readonly kind: 'forged' };

/** @param about session, request and revision that the form is bound to. */
export function formToken(about: readonly string[]): string {
  const body = `${clock.now() + VALID_MS}.${randomBytes(12).toString('hex')}`;
  return `${body}.${proofOf(body, about)}`;
}

export function checkFormToken(token: string, about: readonly string[]): FormCheck {
  const [expiresAt = '', nonce = '', proof = ''] = token.split('.');
  if (!sameText(proof, proofOf(`${expiresAt}.${nonce}`, about))) return { kind: 'forged' };
  return Number(expiresAt) > clock.now() ? { kind: 'good', decisionId: `form-${nonce}` } : { kind: 'old' };
}

function proofOf(body: string, about: readonly string[]): string {
  const text = JSON.stringify(['form', body, ...about]);
  return createHmac('sha256', composition().formSecret).update(text).digest('hex');
}
