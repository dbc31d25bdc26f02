/** Authentication, same-origin check and rate limit for the routes that people use. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Admitted, admit, TOO_FAST } from '../admission.js';
import { authenticate, type Caller, type SignInRefusal, signInFor, tenantIdOf } from '../auth/index.js';
import { deciderOf, type PersonDecider } from '../decide.js';
import { IncidentInstances } from '../incident-instances.js';
import { logFailure } from '../log-failure.js';
import { type Problem, problem } from '../problem.js';
import { services } from '../services.js';
import { casesOf } from '../visible-cases.js';

export type Handler<T extends unknown[] = []> = (
  request: HttpRequest,
  context: InvocationContext,
  ...more: T
) => Promise<HttpResponseInit>;
export type PersonCaller = Extract<Caller, { kind: 'person' }>;

/** The instances that the caller may see: those of the own tenant. */
export function instancesFor(caller: Caller, context: InvocationContext): IncidentInstances {
  return new IncidentInstances(context, casesOf({ tenantId: tenantIdOf(caller) }));
}

/** Wraps read-only routes. */
export function guarded(handler: Handler<[Caller]>): Handler {
  return async (request, context) => {
    const signIn = signInFor(request);
    if ('code' in signIn) return problem(signIn);
    const caller = await authenticate(request, signIn);
    if ('code' in caller) return refusedSignIn(caller, context);
    try {
      return await handler(request, context, caller);
    } catch (error) {
      logFailure(context, 'A call failed', error);
      return problem(FAILED);
    }
  };
}

/** Wraps routes that submit a decision. */
export function guardedForDecision(handler: Handler<[Admitted<PersonDecider>]>): Handler {
  return guarded(async (request, context, caller) => {
    if (caller.kind !== 'person') return problem(APPS_DO_NOT_DECIDE);
    if (!caller.mayDecide) return problem(LOOKING_ONLY);
    if (caller.channel === 'web' && !isSameOrigin(request)) return problem(FOREIGN);
    const by = admit(deciderOf(caller));
    return by.kind === 'too-fast' ? tooMany(by.waitMs) : handler(request, context, by);
  });
}

/**
 * Whether a page of this origin made the call. Current browsers send Sec-Fetch-Site, older ones only Origin. Because of
 * the pages' referrer policy, newer browsers send `Origin: null`.
 */
export function isSameOrigin(request: HttpRequest): boolean {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const { publicUrl } = services().config;
  const own = [new URL(request.url).origin, ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])];
  const isOwn = origin !== null && own.includes(origin);
  if (site === null) return isOwn;
  return site === 'same-origin' && (isOwn || origin === null || origin === 'null');
}

export const FOREIGN: Problem = {
  status: 403,
  code: 'foreign-origin',
  detail: 'A page of another site sent this call.',
  next: "Decide on this responder's own page.",
};

export const FAILED: Problem = {
  status: 503,
  code: 'not-available',
  detail: 'A dependency did not respond as expected.',
  next: 'Try again. If the error persists, check the log of the host.',
};

const APPS_DO_NOT_DECIDE: Problem = {
  status: 403,
  code: 'people-only',
  detail: 'Application tokens cannot decide; use a user token.',
  next: 'Send the token of a user, or a signed message to the decisions queue.',
};

const LOOKING_ONLY: Problem = {
  status: 403,
  code: 'scope-missing',
  detail: 'The token is read-only: it lacks the scope Approvals.Decide.',
  next: 'Get a token with that scope.',
};

function refusedSignIn(
  { status, code, detail, next }: SignInRefusal,
  context: InvocationContext,
): HttpResponseInit {
  if (code !== 'not-signed-in') context.warn(`A sign-in was refused (${code}): ${detail}`);
  return problem({ status, code, detail, next }, status === 401 ? { 'www-authenticate': 'Bearer' } : {});
}

function tooMany(waitMs: number): HttpResponseInit {
  const seconds = Math.ceil(waitMs / 1000);
  return problem(
    {
      status: 429,
      code: 'too-many-decisions',
      detail: TOO_FAST,
      next: `Wait ${seconds} s.`,
    },
    { 'retry-after': String(seconds) },
  );
}
