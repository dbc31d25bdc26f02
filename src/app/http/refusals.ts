/** Refusals of the decision core as answers: one status for each code. */
import type { HttpResponseInit } from '@azure/functions';
import type { CaseTrouble } from '../../approvals/index.js';
import type { RefusalCode, Verdict } from '../../domain/approval.js';
import { problem } from '../problem.js';

export const REFUSAL_STATUS: Readonly<Record<RefusalCode, number>> = {
  unverified: 500,
  'not-intact': 409,
  'unknown-request': 404,
  ended: 410,
  superseded: 410,
  expired: 410,
  'already-decided': 409,
  'wrong-kind': 409,
  'no-more-time': 409,
  'second-approver-must-differ': 409,
  'hand-in-unsigned': 409,
  'stale-plan': 412,
  'stale-revision': 412,
  'unknown-action': 422,
  'nothing-selected': 422,
  'reason-required': 422,
  'not-an-approver': 403,
  'account-disabled': 403,
  'account-gone': 403,
  guest: 403,
  'own-incident': 403,
  'membership-unknown': 503,
};

/** What the analyst can do about it. */
function nextOf(code: RefusalCode, requestId: string): string {
  switch (code) {
    case 'not-an-approver':
    case 'own-incident':
    case 'account-disabled':
    case 'account-gone':
    case 'guest':
    case 'second-approver-must-differ':
      return 'Ask another approver of the tier to decide.';
    case 'membership-unknown':
      return 'Send it again in a minute: the directory could not be asked.';
    case 'not-intact':
      return `Handle the incident by hand; /api/approvals/${requestId}/audit shows what was tried.`;
    case 'unverified':
      return 'Send it again; if it stays so, the responder signs with a key that it does not know.';
    default:
      return `GET /api/approvals/${requestId} shows what is asked for now.`;
  }
}

export function refusalProblem(
  { code, message }: Extract<Verdict, { accepted: false }>,
  requestId: string,
): HttpResponseInit {
  const status = REFUSAL_STATUS[code];
  return problem(
    { status, code, detail: message, next: nextOf(code, requestId) },
    status === 503 ? { 'retry-after': '30' } : {},
  );
}

/** What would be shown is not what was asked for: nobody should decide by it, least of all a program. */
export function notIntact({ code, message: detail, next }: CaseTrouble): HttpResponseInit {
  return problem({ status: 409, code, detail, next });
}

export function unknownRequest(): HttpResponseInit {
  return problem({
    status: 404,
    code: 'unknown-request',
    detail: 'Nothing was asked for under this id.',
    next: 'GET /api/approvals lists what waits.',
  });
}
