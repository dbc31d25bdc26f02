/** Maps refused decisions to problem responses, one HTTP status for each code. */
import type { HttpResponseInit } from '@azure/functions';
import type { CaseProblem } from '../../approvals/index.js';
import type { DecisionOutcome, RefusalCode } from '../../domain/approval.js';
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
  'submission-unsigned': 409,
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

/** The next step for the analyst. */
function nextOf(code: RefusalCode, requestId: string): string {
  switch (code) {
    case 'not-an-approver':
    case 'own-incident':
    case 'account-disabled':
    case 'account-gone':
    case 'guest':
    case 'second-approver-must-differ':
      return 'Ask another approver of this tier to decide.';
    case 'membership-unknown':
      return 'Send the decision again in a minute; the directory is unavailable.';
    case 'not-intact':
      return `Handle the incident manually; /api/approvals/${requestId}/audit shows the attempted changes.`;
    case 'unverified':
      return 'Send the decision again. If the error persists, check APPROVALS_SIGNING_KEYS: the signing key is not among the known keys.';
    default:
      return `GET /api/approvals/${requestId} shows the current state of the request.`;
  }
}

export function refusalProblem(
  { code, message }: Extract<DecisionOutcome, { accepted: false }>,
  requestId: string,
): HttpResponseInit {
  const status = REFUSAL_STATUS[code];
  return problem(
    { status, code, detail: message, next: nextOf(code, requestId) },
    status === 503 ? { 'retry-after': '30' } : {},
  );
}

/** The answer for a case file that is not intact: its content cannot be trusted, so the API does not return it. */
export function notIntact({ code, message: detail, next }: CaseProblem): HttpResponseInit {
  return problem({ status: 409, code, detail, next });
}

export function unknownRequest(): HttpResponseInit {
  return problem({
    status: 404,
    code: 'unknown-request',
    detail: 'There is no request with this id.',
    next: 'GET /api/approvals lists the pending requests.',
  });
}
