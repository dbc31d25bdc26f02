/** Every way that a call can fail, as one ResponderError that says what may be done next. */
import { isRestError } from '@azure/core-rest-pipeline';
import { type ErrorInfo, ResponderError } from '../domain/errors.js';
import type { Clock } from './config.js';
import { readServiceError } from './service-error.js';
import { failedSignIn } from './sign-in-failure.js';
import { type Call, requestIdOf, type WireAnswer } from './wire.js';

type Kind = Pick<ErrorInfo, 'code' | 'blame' | 'retry'> & { readonly next?: string };

const KINDS: Readonly<Record<number, Kind>> = {
  401: {
    code: 'unauthorized',
    blame: 'responder',
    retry: 'no',
    next: 'Check the tenant, client id and secret, or the managed identity of the app.',
  },
  403: {
    code: 'forbidden',
    blame: 'responder',
    retry: 'no',
    next: 'Grant the app the permission that the action declares; a token that it already holds stays without it.',
  },
  404: { code: 'not-found', blame: 'caller', retry: 'no' },
  409: {
    code: 'conflict',
    blame: 'service',
    retry: 'read-first',
    next: 'Read the present state, then decide again.',
  },
  412: {
    code: 'precondition-failed',
    blame: 'service',
    retry: 'read-first',
    next: 'Somebody changed it in the meantime: read it again and write to the new version.',
  },
  429: { code: 'throttled', blame: 'service', retry: 'later' },
};
const INVALID: Kind = { code: 'invalid-request', blame: 'responder', retry: 'no' };

/** The failure that an answer outside 200 to 299 stands for. */
export function failedAnswer(call: Call, answer: WireAnswer, clock: Clock): ResponderError {
  const told = readServiceError(answer.text);
  const { next, ...kind } = kindOf(call, answer.status, told.alreadyInProgress);
  const retryAfterMs = retryAfter(answer, clock);
  const correlationId = told.correlationId ?? requestIdOf(answer);
  const named = answer.status === 403 && told.permissions.length > 0;
  return new ResponderError({
    ...kind,
    message: `${call.service} answered ${call.method} ${call.path} with ${answer.status}${told.code === undefined ? '' : ` ${told.code}`}.`,
    httpStatus: answer.status,
    ...(named
      ? { next: `Grant the app: ${told.permissions.join(', ')}.` }
      : next === undefined
        ? {}
        : { next }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(told.code === undefined ? {} : { serviceCode: told.code }),
  });
}

function kindOf(call: Call, status: number, alreadyInProgress: boolean): Kind {
  if (status === 400 && alreadyInProgress) return KINDS[409] ?? INVALID;
  // 501 and 505 mean that the service does not do this at all.
  if (status === 501 || status === 505) return INVALID;
  if (status >= 500 || status === 408) {
    const code = status === 408 || status === 504 ? 'timed-out' : 'service-unavailable';
    return { code, blame: 'service', retry: unknownOutcome(call) };
  }
  if (status < 400) return { code: 'bad-answer', blame: 'service', retry: unknownOutcome(call) };
  return KINDS[status] ?? INVALID;
}

interface Mistake {
  /** JSON path. */
  readonly place: string;
  readonly problem: string;
  /** Another answer may be better: this one was cut or came from a proxy. */
  readonly passing?: boolean;
}

/** A body that is not what the schema says. A write may have happened all the same. */
export function badAnswer(call: Call, status: number, { place, problem, passing }: Mistake): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: `${call.service} answered ${call.method} ${call.path} with something unexpected at ${place}: ${problem}`,
    blame: 'service',
    retry: call.intent === 'write' ? 'read-first' : passing ? 'later' : 'no',
    place,
    httpStatus: status,
  });
}

/** The failure that an exception of an SDK or of the network stands for. Ours pass as they are. */
export function failedCall(call: Call, thrown: unknown, stopped: AbortSignal): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  const what = `${call.service} ${call.method} ${call.path}`;
  if (stopped.aborted) {
    const message = `${what} was given up: there was no answer in time.`;
    return new ResponderError({ code: 'timed-out', message, blame: 'service', retry: unknownOutcome(call) });
  }
  const signIn = failedSignIn(call, thrown);
  if (signIn !== undefined) return signIn;
  // The bearer policy and the Graph client add errors of their own before anything is sent.
  if (!isRestError(thrown)) {
    const message = `${what} could not be sent (${thrown instanceof Error ? thrown.name : typeof thrown}).`;
    return new ResponderError({
      code: 'unexpected',
      message,
      blame: 'responder',
      retry: unknownOutcome(call),
    });
  }
  const message = `${what} broke off (${codeOf(thrown)}).`;
  const code = thrown.code === 'ETIMEDOUT' ? 'timed-out' : 'service-unavailable';
  return new ResponderError({ code, message, blame: 'service', retry: unknownOutcome(call) });
}

function unknownOutcome(call: Call): 'later' | 'read-first' {
  return call.intent === 'write' ? 'read-first' : 'later';
}

function codeOf(thrown: unknown): string {
  if (isRestError(thrown)) return thrown.code ?? String(thrown.statusCode ?? 'no code');
  return thrown instanceof Error ? thrown.name : 'no code';
}

/**
 * Milliseconds until the service wants to be asked again: `Retry-After` in seconds or as a date, or Azure's own
 * header in milliseconds. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function retryAfter(answer: WireAnswer, clock: Clock): number | undefined {
  const exact = answer.header('retry-after-ms') ?? answer.header('x-ms-retry-after-ms');
  if (exact !== undefined && /^\d{1,9}$/.test(exact)) return Number(exact);
  const value = answer.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // Date.parse alone makes a date of nearly anything, of `-5` for one.
  const date = /^[A-Z][a-z]+, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}
