/**
 * The anti-forgery token of a form. It proves that this person was recently shown this request at this revision. It also
 * contains the id of the decision, so submitting a form twice makes one decision.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { clock } from '../clock.js';
import { services } from '../services.js';
import { timingSafeEqualText } from '../timing-safe-equal.js';

const VALID_MS = 30 * 60_000;

export type FormCheck =
  | { readonly kind: 'good'; readonly decisionId: string }
  /** Genuine, but expired. */
  | { readonly kind: 'old' }
  | { readonly kind: 'forged' };

/** @param about the session, request and revision that the form is bound to. */
export function formToken(about: readonly string[]): string {
  const body = `${clock.now() + VALID_MS}.${randomBytes(12).toString('hex')}`;
  return `${body}.${proofOf(body, about)}`;
}

export function checkFormToken(token: string, about: readonly string[]): FormCheck {
  const [expiresAt = '', nonce = '', proof = ''] = token.split('.');
  if (!timingSafeEqualText(proof, proofOf(`${expiresAt}.${nonce}`, about))) return { kind: 'forged' };
  return Number(expiresAt) > clock.now() ? { kind: 'good', decisionId: `form-${nonce}` } : { kind: 'old' };
}

function proofOf(body: string, about: readonly string[]): string {
  const text = JSON.stringify(['form', body, ...about]);
  return createHmac('sha256', services().formSecret).update(text).digest('hex');
}
