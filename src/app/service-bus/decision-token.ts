/**
 * Decisions from programs: JSON web tokens (https://www.rfc-editor.org/rfc/rfc7519) that the sender signs. The access
 * rules of the queue alone do not identify the sender.
 */
import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, importJWK, type JWK, jwtVerify } from 'jose';
import { z } from 'zod';
import { decisionKindSchema } from '../../domain/approval.js';
import { wellFormed } from '../../domain/unicode-text.js';
import type { DecisionSender, DecisionSenders, PublicKey } from './senders.js';

export const DECISION_AUDIENCE = 'sentinel-responder/decisions';
/** Prevents tokens for other purposes from being accepted: https://www.rfc-editor.org/rfc/rfc8725#section-3.11 */
export const DECISION_TYPE = 'decision+jwt';
const LONGEST_TOKEN = 64 * 1024;
const SKEW_SECONDS = 300;
/** Limits how outdated the state can be that a queued decision is based on. */
const LONGEST_LIFE_SECONDS = 3600;

const claimsSchema = z.object({
  iat: z.number(),
  exp: z.number(),
  jti: z.string().min(1).max(200),
  requestId: z.string().max(200),
  kind: decisionKindSchema,
  revision: z.number().int().positive(),
  planHash: z.string().max(100),
  steps: z.array(z.string().max(500).transform(wellFormed)).max(500),
  reason: z.string().trim().min(1).max(2000).transform(wellFormed).optional(),
  /** An access token of the person who decides; without it, the program itself decides. */
  person: z.string().optional(),
});
export type DecisionClaims = z.infer<typeof claimsSchema>;

export interface TokenRefusal {
  readonly code: string;
  readonly reason: string;
}
export type DecisionToken =
  | {
      readonly ok: true;
      readonly sender: DecisionSender;
      readonly claims: DecisionClaims;
      readonly id: string;
    }
  | ({ readonly ok: false } & TokenRefusal);

const CURVES = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const;

/** The allowed algorithms follow from the key, never from the token. Ed25519 has an old and a new algorithm name. */
function algorithmsOf(key: PublicKey): [string, ...string[]] {
  if (key.kty === 'OKP') return ['Ed25519', 'EdDSA'];
  if (key.kty === 'EC') return [CURVES[key.crv]];
  return [key.alg ?? 'RS256'];
}

/**
 * Verifies that a configured sender signed the decision for this responder, and returns it. Never throws.
 * @param now milliseconds since 1970.
 */
export async function readDecisionToken(
  body: unknown,
  senders: DecisionSenders,
  now: number,
): Promise<DecisionToken> {
  if (typeof body !== 'string' || body.length > LONGEST_TOKEN) {
    return refused('no-token', 'The body is not text with a signed token of at most 64 KB.');
  }
  try {
    return await verified(body.trim(), senders, now);
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

async function verified(token: string, senders: DecisionSenders, now: number): Promise<DecisionToken> {
  const { kid } = decodeProtectedHeader(token);
  const sender = senders.find(({ id }) => id === decodeJwt(token).iss);
  if (sender === undefined)
    return refused('unknown-sender', 'DECISION_SENDERS contains no sender with this iss.');
  const jwk = sender.keys.find((key) => key.kid === kid);
  if (jwk === undefined) return refused('unknown-key', `The sender ${sender.id} has no key with this kid.`);
  const algorithms = algorithmsOf(jwk);
  const key = await importJWK(jwk as JWK, algorithms[0]);
  const { payload } = await jwtVerify(token, key, {
    algorithms,
    issuer: sender.id,
    audience: DECISION_AUDIENCE,
    typ: DECISION_TYPE,
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
    requiredClaims: ['iat', 'exp', 'jti'],
  });
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refused('bad-decision', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { iat, exp, jti } = parsed.data;
  if (exp - iat > LONGEST_LIFE_SECONDS)
    return refused('lifetime', 'The token is valid for more than an hour.');
  if (iat > now / 1000 + SKEW_SECONDS) return refused('not-yet-valid', 'The token was issued in the future.');
  const id = `sender-${createHash('sha256')
    .update(JSON.stringify([sender.id, jti]))
    .digest('hex')
    .slice(0, 40)}`;
  return { ok: true, sender, claims: parsed.data, id };
}

const CODES: Readonly<Record<string, string>> = {
  iss: 'issuer',
  aud: 'audience',
  exp: 'expired',
  nbf: 'not-yet-valid',
  typ: 'type',
};

function refusalOf(thrown: unknown): DecisionToken {
  if (thrown instanceof errors.JWTExpired) return refused('expired', 'The token has expired.');
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = thrown;
    if (reason === 'missing') return refused('claim-missing', `The token has no ${claim}.`);
    return refused(CODES[claim] ?? 'claim', `The claim ${claim} of the token is not valid.`);
  }
  if (thrown instanceof errors.JWSSignatureVerificationFailed) {
    return refused('signature', 'The signature does not match the named key.');
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) {
    return refused('algorithm', 'The algorithm does not match the named key.');
  }
  return refused('malformed-token', 'The body is not a signed JSON web token.');
}

function refused(code: string, reason: string): DecisionToken {
  return { ok: false, code, reason };
}
