/**
 * Verifies that a call comes from the Bot Connector. In Entra any app can get a token for the bot's id, so audience and
 * tenant prove nothing. Issuer, signing key, its endorsement for the channel, and the address in the token do. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
 */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../config.js';
import { isServiceUrl, type TeamsCloud } from './cloud.js';
import { createSigningKeys } from './keys.js';

export type TokenRefusal =
  | 'no-token'
  | 'malformed-token'
  | 'algorithm'
  | 'unknown-key'
  | 'keys-unavailable'
  | 'not-endorsed'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not-yet-valid'
  | 'claim-missing'
  | 'service-url'
  | 'service-url-differs';
export type TokenVerification =
  | { readonly ok: true }
  /** `detail` names claims and their problems, for the log; it never contains the token. */
  | { readonly ok: false; readonly code: TokenRefusal; readonly detail: string };

/** Properties of the activity in the body. */
export interface ClaimedActivity {
  readonly serviceUrl: string;
  readonly channelId: string;
}
export interface TokenVerifier {
  /** Never throws: a call that cannot be verified is refused. */
  verify(authorization: string | undefined, activity: ClaimedActivity): Promise<TokenVerification>;
}

const ALGORITHMS = ['RS256'];
const SKEW_SECONDS = 300;
const LONGEST_TOKEN = 8192;
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** The audience that a token names, before anything is verified: it says only whose verifier must accept it. */
export function audienceOf(authorization: string): unknown {
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined || token.length > LONGEST_TOKEN) return undefined;
  try {
    return decodeJwt(token).aud;
  } catch {
    return undefined;
  }
}

/** @param botId app id of the bot, the only audience. */
export function createTokenVerifier(
  { cloud, botId }: { readonly cloud: TeamsCloud; readonly botId: string },
  { httpClient, clock }: { readonly httpClient: HttpClient; readonly clock: Clock },
): TokenVerifier {
  const keys = createSigningKeys(cloud, httpClient, clock);

  const check = async (
    authorization: string | undefined,
    activity: ClaimedActivity,
  ): Promise<TokenVerification> => {
    if (authorization === undefined) return refused('no-token', 'there is no authorization header');
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined || token.length > LONGEST_TOKEN) {
      return refused('malformed-token', 'the authorization header holds no bearer token of the usual form');
    }
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) return refused('algorithm', `alg is ${quoted(alg)}`);
    if (typeof kid !== 'string') return refused('unknown-key', 'the header names no key');
    if (!isServiceUrl(activity.serviceUrl, cloud)) {
      return refused('service-url', `${quoted(activity.serviceUrl)} is no address of the Bot Connector`);
    }
    const found = await keys.find(kid);
    if (typeof found === 'string') return refused(found, `key ${quoted(kid)}`);
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ALGORITHMS,
      issuer: cloud.issuer,
      audience: botId,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'nbf', 'serviceurl'],
    });
    if (!found.endorsements.includes(activity.channelId)) {
      return refused('not-endorsed', `key ${quoted(kid)} may not speak for ${quoted(activity.channelId)}`);
    }
    return checkClaims(payload, activity);
  };

  return {
    async verify(authorization, activity) {
      try {
        return await check(authorization, activity);
      } catch (thrown) {
        return refusalOf(thrown);
      }
    },
  };
}

function checkClaims({ aud, serviceurl }: JWTPayload, { serviceUrl }: ClaimedActivity): TokenVerification {
  if (typeof aud !== 'string') return refused('audience', 'aud is a list');
  if (serviceurl !== serviceUrl) {
    const detail = `serviceurl is ${quoted(serviceurl)}, the activity says ${quoted(serviceUrl)}`;
    return refused('service-url-differs', detail);
  }
  return { ok: true };
}

const CLAIMS: Readonly<Record<string, TokenRefusal>> = {
  iss: 'issuer',
  aud: 'audience',
  exp: 'expired',
  nbf: 'not-yet-valid',
};

function refusalOf(thrown: unknown): TokenVerification {
  if (thrown instanceof errors.JWTExpired) return refused('expired', `exp is ${quoted(thrown.payload.exp)}`);
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason, payload } = thrown;
    if (reason === 'missing') return refused('claim-missing', `there is no claim ${quoted(claim)}`);
    return refused(CLAIMS[claim] ?? 'malformed-token', `${claim} is ${quoted(payload[claim])}`);
  }
  if (thrown instanceof errors.JWSSignatureVerificationFailed) {
    return refused('signature', 'the signature is not of the named key');
  }
  if (thrown instanceof errors.JOSEAlgNotAllowed) return refused('algorithm', 'alg is not allowed');
  return refused('malformed-token', 'it is not a signed JSON web token');
}

function refused(code: TokenRefusal, detail: string): TokenVerification {
  return { ok: false, code, detail };
}

/** At most 200 characters of a value, on one line. */
function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 200);
}
