/** Failures to get a token. Nothing was sent to the service then, so even a write may be repeated. */
import { ResponderError } from '../domain/errors.js';
import type { Call } from './wire.js';

const NAMES =
  /^(Authentication|AggregateAuthentication|CredentialUnavailable|AuthenticationRequired|ClientAuth|Server)Error$/;
/** What Entra or the managed identity will say again: the rest is a fault that passes. */
const DEFINITE =
  /^(invalid_|unauthorized_|unsupported_|access_denied|consent_)|AADSTS\d|CredentialUnavailable/;
const AADSTS = /\b(AADSTS\d{4,8})\b/;

/** The failure, if `thrown` is one of a sign-in. Its text is not kept: it names the app and the tenant. */
export function failedSignIn(call: Call, thrown: unknown): ResponderError | undefined {
  if (!(thrown instanceof Error) || !NAMES.test(thrown.name)) return undefined;
  const serviceCode = AADSTS.exec(thrown.message)?.[1];
  const said = serviceCode === undefined ? {} : { serviceCode };
  if (!DEFINITE.test(thrown.message) && !/^(Aggregate|CredentialUnavailable)/.test(thrown.name)) {
    const message = `No token for ${call.service}: the sign-in service could not be reached.`;
    return new ResponderError({
      code: 'service-unavailable',
      message,
      blame: 'service',
      retry: 'later',
      ...said,
    });
  }
  return new ResponderError({
    code: 'unauthorized',
    message: `No token for ${call.service}: the sign-in was refused${serviceCode ? ` (${serviceCode})` : ''}.`,
    blame: 'responder',
    retry: 'no',
    next: 'Check the tenant, client id and secret, or the managed identity of the app.',
    ...said,
  });
}
