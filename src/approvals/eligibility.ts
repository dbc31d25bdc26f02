/** Who may decide about a request. Pure: what the directory says arrives as facts. */
import type { ApprovalRequest, Decider, RefusalCode } from '../domain/approval.js';

/**
 * What an account is at this moment. `member`: a member of the home tenant whose account is enabled; `guest`: anybody
 * else's; `gone`: the directory has no such account, or has deleted it.
 */
export type Standing = 'member' | 'guest' | 'disabled' | 'gone';

/** What was found out about a decider for one decision; `unknown` = the directory could not be asked, and refuses. */
export interface DeciderFacts {
  /** Lower-cased id of the tenant whose people may decide. */
  readonly homeTenantId: string | undefined;
  /** Of people; of programs it means nothing. */
  readonly standing: Standing | 'unknown';
  /** Whether the person is in one of the request's groups. */
  readonly member: boolean | 'unknown';
  /** How the person is involved in the incident; undefined: not at all. */
  readonly involvement: Involvement | 'unknown' | undefined;
}
/**
 * `entity`: the incident is about their account, mail or device. `namesake`: about an account or a device that
 * has the name of theirs, and that nothing tells from it. `manager`: about somebody who reports to them, or a namesake.
 */
export type Involvement = 'entity' | 'namesake' | 'manager' | 'started-it';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

const INVOLVED: Readonly<Record<Involvement, string>> = {
  entity: 'You are part of this incident yourself; somebody else must decide.',
  namesake:
    'An account or a device of this incident has the name of yours, and cannot be told from it; somebody else must decide.',
  manager: 'Somebody who reports to you is, or may be, part of this incident; somebody else must decide.',
  'started-it': 'You had this incident handled; somebody else must decide.',
};

const STANDING: Readonly<Record<Exclude<Standing, 'member'>, Refusal>> = {
  disabled: { code: 'account-disabled', message: 'Your account is disabled; somebody else must decide.' },
  guest: { code: 'guest', message: 'Guests of the tenant do not decide about its incidents.' },
  gone: { code: 'account-gone', message: 'The directory has no such account; somebody else must decide.' },
};

/** Undefined: may decide. */
export function refuseDecider(
  request: ApprovalRequest,
  by: Decider,
  facts: DeciderFacts,
): Refusal | undefined {
  const { approvers, fourEyes, tier } = request;
  if (by.kind === 'automation') {
    if (!fourEyes && approvers.automation.includes(by.id)) return undefined;
    return { code: 'not-an-approver', message: `Policy does not let ${by.name} decide for tier ${tier}.` };
  }
  const { homeTenantId, standing, member, involvement } = facts;
  if (by.tenantId !== undefined && homeTenantId !== undefined && lower(by.tenantId) !== homeTenantId) {
    return { code: 'not-an-approver', message: 'Only people of the home tenant may decide.' };
  }
  if (standing !== 'unknown' && standing !== 'member') return STANDING[standing];
  const named = approvers.people.some(({ id }) => lower(id) === lower(by.objectId));
  if (!named && member === false) {
    return { code: 'not-an-approver', message: `You are not an approver. ${namesOf(request)}` };
  }
  if (standing === 'unknown' || (!named && member === 'unknown') || involvement === 'unknown') return UNKNOWN;
  if (involvement !== undefined) return { code: 'own-incident', message: INVOLVED[involvement] };
  return undefined;
}

const UNKNOWN: Refusal = {
  code: 'membership-unknown',
  message: 'The directory could not be asked whether you may decide. Nothing was changed; try again.',
};

function namesOf({ approvers }: ApprovalRequest): string {
  const names = [...approvers.groups, ...approvers.people].map(({ name }) => name);
  return `Who may decide: ${names.join(', ')}.`;
}

const lower = (id: string) => id.toLowerCase();
