/** Maps every failure of a call to a ResponderError with its retry policy and next step. */
import { isRestError } from '@azure/core-rest-pipeline';
import { type ErrorInfo, ResponderError } from '../domain/errors.js';
import type { Clock } from './config.js';
import { type CallInfo, requestIdOf, type ServiceResponse } from './http-types.js';
import { readServiceError, type ServiceError } from './service-error.js';
import { errorFromSignIn } from './sign-in-error.js';

type FailureKind = Pick<ErrorInfo, 'code' | 'fault' | 'retry'> & { readonly next?: string };

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: {
    code: 'unauthorized',
    fault: 'responder',
    retry: 'no',
    next: 'Check the tenant, client id and secret, or the managed identity of the app.',
  },
  403: {
    code: 'forbidden',
    fault: 'responder',
    retry: 'no',
    next: 'Grant the app the permission that the action declares; tokens that were issued before do not contain it.',
  },
  404: { code: 'not-found', fault: 'caller', retry: 'no' },
  409: {
    code: 'conflict',
    fault: 'service',
    retry: 'check-before-retry',
    next: 'Read the current state, then decide again.',
  },
  412: {
    code: 'precondition-failed',
    fault: 'service',
    retry: 'check-before-retry',
    next: 'It was changed in the meantime: read it again and write to the new version.',
  },
  429: { code: 'throttled', fault: 'service', retry: 'later' },
};
const INVALID: FailureKind = { code: 'invalid-request', fault: 'responder', retry: 'no' };
/** No permission helps. */
const NOT_LICENSED: FailureKind = {
  code: 'not-licensed',
  fault: 'caller',
  retry: 'no',
  next: 'The tenant lacks the licence that this needs, e.g. Microsoft Entra ID P2: act by hand, or leave it out of the playbook.',
};

/** The error for a response status outside 200 to 299. */
export function errorFromResponse(call: CallInfo, response: ServiceResponse, clock: Clock): ResponderError {
  const serviceError = readServiceError(response.text);
  const { next, ...kind } = kindOf(call, response.status, serviceError);
  const retryAfterMs = retryAfter(response, clock);
  const correlationId = serviceError.correlationId ?? requestIdOf(response);
  const named = kind.code === 'forbidden' && serviceError.permissions.length > 0;
  return new ResponderError({
    ...kind,
    message: `${call.service} answered ${call.method} ${call.path} with ${response.status}${serviceError.code === undefined ? '' : ` ${serviceError.code}`}.`,
    httpStatus: response.status,
    ...(named
      ? { next: `Grant the app: ${serviceError.permissions.join(', ')}.` }
      : next === undefined
        ? {}
        : { next }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(serviceError.code === undefined ? {} : { serviceCode: serviceError.code }),
  });
}

function kindOf(
  call: CallInfo,
  status: number,
  { alreadyInProgress, notLicensed }: Pick<ServiceError, 'alreadyInProgress' | 'notLicensed'>,
): FailureKind {
  if (notLicensed && (status === 400 || status === 403)) return NOT_LICENSED;
  if (status === 400 && alreadyInProgress) return KINDS[409] ?? INVALID;
  // 501 and 505 mean that the service does not support this call.
  if (status === 501 || status === 505) return INVALID;
  if (status >= 500 || status === 408) {
    const code = status === 408 || status === 504 ? 'timed-out' : 'service-unavailable';
    return { code, fault: 'service', retry: retryPolicyOf(call) };
  }
  if (status < 400) return { code: 'bad-answer', fault: 'service', retry: retryPolicyOf(call) };
  return KINDS[status] ?? INVALID;
}

interface BodyProblem {
  /** JSON path. */
  readonly place: string;
  readonly problem: string;
  /** A retry may help: the response was truncated or sent by a proxy. */
  readonly transient?: boolean;
}

/** The error for a body that does not match the schema. A write may still have taken effect. */
export function errorFromBody(
  call: CallInfo,
  status: number,
  { place, problem, transient }: BodyProblem,
): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: `${call.service} answered ${call.method} ${call.path} with an unexpected value at ${place}: ${problem}`,
    fault: 'service',
    retry: call.intent === 'write' ? 'check-before-retry' : transient ? 'later' : 'no',
    place,
    httpStatus: status,
  });
}

/** The error for an exception of an SDK or of the network. A ResponderError is returned unchanged. */
export function errorFromException(call: CallInfo, thrown: unknown, signal: AbortSignal): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  const what = `${call.service} ${call.method} ${call.path}`;
  if (signal.aborted) {
    const message = `${what} timed out.`;
    return new ResponderError({ code: 'timed-out', message, fault: 'service', retry: retryPolicyOf(call) });
  }
  const signIn = errorFromSignIn(call, thrown);
  if (signIn !== undefined) return signIn;
  // The bearer policy and the Graph client add errors of their own before anything is sent.
  if (!isRestError(thrown)) {
    const message = `${what} could not be sent (${thrown instanceof Error ? thrown.name : typeof thrown}).`;
    return new ResponderError({
      code: 'unexpected',
      message,
      fault: 'responder',
      retry: retryPolicyOf(call),
    });
  }
  const message = `${what} failed: the connection broke (${codeOf(thrown)}).`;
  const code = thrown.code === 'ETIMEDOUT' ? 'timed-out' : 'service-unavailable';
  return new ResponderError({ code, message, fault: 'service', retry: retryPolicyOf(call) });
}

function retryPolicyOf(call: CallInfo): 'later' | 'check-before-retry' {
  return call.intent === 'write' ? 'check-before-retry' : 'later';
}

function codeOf(thrown: unknown): string {
  if (isRestError(thrown)) return thrown.code ?? String(thrown.statusCode ?? 'no code');
  return thrown instanceof Error ? thrown.name : 'no code';
}

/**
 * Milliseconds until the service allows a retry: `Retry-After` in seconds or as a date, or Azure's own
 * header in milliseconds. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function retryAfter(response: ServiceResponse, clock: Clock): number | undefined {
  const exact = response.header('retry-after-ms') ?? response.header('x-ms-retry-after-ms');
  if (exact !== undefined && /^\d{1,9}$/.test(exact)) return Number(exact);
  const value = response.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // Date.parse alone accepts nearly anything, for example `-5`.
  const date = /^[A-Z][a-z]+, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}
