/** Failures to get a token. Nothing was sent to the service, so even a write may be repeated. */
import { ResponderError } from '../domain/errors.js';
import type { CallInfo } from './http-types.js';

const NAMES =
  /^(Authentication|AggregateAuthentication|CredentialUnavailable|AuthenticationRequired|ClientAuth|Server)Error$/;
/** Permanent errors of Entra or the managed identity: all others are transient. */
const DEFINITE =
  /^(invalid_|unauthorized_|unsupported_|access_denied|consent_)|AADSTS\d|CredentialUnavailable/;
const AADSTS = /\b(AADSTS\d{4,8})\b/;

/** The error, if `thrown` is a failed sign-in. Its text is dropped: it names the app and the tenant. */
export function errorFromSignIn(call: CallInfo, thrown: unknown): ResponderError | undefined {
  if (!(thrown instanceof Error) || !NAMES.test(thrown.name)) return undefined;
  const serviceCode = AADSTS.exec(thrown.message)?.[1];
  const said = serviceCode === undefined ? {} : { serviceCode };
  if (!DEFINITE.test(thrown.message) && !/^(Aggregate|CredentialUnavailable)/.test(thrown.name)) {
    const message = `No token for ${call.service}: the sign-in service could not be reached.`;
    return new ResponderError({
      code: 'service-unavailable',
      message,
      fault: 'service',
      retry: 'later',
      ...said,
    });
  }
  return new ResponderError({
    code: 'unauthorized',
    message: `No token for ${call.service}: the sign-in was refused${serviceCode ? ` (${serviceCode})` : ''}.`,
    fault: 'responder',
    retry: 'no',
    next: 'Check the tenant, client id and secret, or the managed identity of the app.',
    ...said,
  });
}
