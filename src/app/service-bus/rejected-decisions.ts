/**
 * The record of a refused message. A message can contain an access token anywhere, under any name and in any shape. So
 * the record copies only values whose format rules out a secret.
 */
import type { InvocationContext } from '@azure/functions';
import { decodeJwt } from 'jose';
import { decisionKindSchema, runOfRequest } from '../../domain/approval.js';
import { cleanErrorText } from '../../domain/error-text.js';
import { clock } from '../clock.js';
import type { TokenRefusal } from './decision-token.js';
import type { DecisionSenders } from './senders.js';

const MESSAGE_ID = /^[\w.:-]{1,128}$/;

/** The message for the queue of rejected decisions. */
export function rejectDecision(
  body: unknown,
  { code, reason }: TokenRefusal,
  senders: DecisionSenders,
  { triggerMetadata }: InvocationContext,
): object {
  const messageId = triggerMetadata?.messageId;
  const claims = typeof body === 'string' ? claimsOf(body, senders) : undefined;
  return {
    code,
    reason: cleanErrorText(reason),
    next: 'Send a new token, signed by one of the keys in DECISION_SENDERS; docs/security.md describes the format.',
    trigger: 'service-bus',
    receivedAt: new Date(clock.now()).toISOString(),
    ...(typeof messageId === 'string' && MESSAGE_ID.test(messageId) ? { messageId } : {}),
    body: describe(body),
    ...(claims === undefined ? {} : { claims }),
  };
}

/** The shape and size of the body. */
function describe(body: unknown): { readonly shape: string; readonly characters?: number } {
  if (typeof body === 'string') return { shape: 'text', characters: body.length };
  if (body instanceof Uint8Array) return { shape: 'bytes', characters: body.byteLength };
  if (Array.isArray(body)) return { shape: 'JSON array' };
  if (typeof body === 'object' && body !== null) return { shape: 'JSON object' };
  return { shape: 'JSON value' };
}

/** The claims of a token, not verified. Undefined if it is not a token. */
function claimsOf(body: string, senders: DecisionSenders): Record<string, unknown> | undefined {
  try {
    const { iss, requestId, kind, revision, steps, person } = decodeJwt(body.trim());
    const known = decisionKindSchema.safeParse(kind);
    return {
      ...(senders.some(({ id }) => id === iss) ? { iss } : {}),
      ...(typeof requestId === 'string' && runOfRequest(requestId) ? { requestId } : {}),
      ...(known.success ? { kind: known.data } : {}),
      ...(Number.isSafeInteger(revision) ? { revision } : {}),
      ...(Array.isArray(steps) ? { steps: steps.length } : {}),
      person: person !== undefined,
    };
  } catch {
    return undefined;
  }
}
