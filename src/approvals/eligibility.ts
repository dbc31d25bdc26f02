/** Who may decide on a request. Pure: the facts from the directory are parameters. */
import type { ApprovalRequest, Decider, RefusalCode } from '../domain/approval.js';

/**
 * Current state of an account. `member`: an enabled member of the home tenant; `guest`: any other enabled account;
 * `gone`: the account does not exist or was deleted.
 */
export type Standing = 'member' | 'guest' | 'disabled' | 'gone';

/** Facts about a decider for one decision. `unknown`: the directory query failed; the decision is refused. */
export interface DeciderFacts {
  /** Lower-cased id of the tenant of the incident: only its users and programs may decide. */
  readonly homeTenantId: string | undefined;
  /** Whether there is no other tenant: then a decider need not name one. */
  readonly onlyTenant: boolean;
  /** Only meaningful for people. */
  readonly standing: Standing | 'unknown';
  /** Whether the person is in one of the request's groups. */
  readonly member: boolean | 'unknown';
  /** How the person is involved in the incident. Undefined: not involved. */
  readonly conflictOfInterest: ConflictOfInterest | 'unknown' | undefined;
}
/**
 * `entity`: the incident concerns their account, mail or device. `same-name`: it concerns an account or device with the
 * same name and no identifier that distinguishes it. `manager`: it concerns someone who reports to them, or someone of
 * the same name. `submitted-incident`: they submitted the incident.
 */
export type ConflictOfInterest = 'entity' | 'same-name' | 'manager' | 'submitted-incident';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

const INVOLVED: Readonly<Record<ConflictOfInterest, string>> = {
  entity: 'This incident involves your own account, mail or device; another approver must decide.',
  'same-name':
    'An account or device in this incident has the same name as yours and may be yours; another approver must decide.',
  manager:
    'Someone who reports to you is, or may be, involved in this incident; another approver must decide.',
  'submitted-incident': 'You submitted this incident; another approver must decide.',
};

const STANDING: Readonly<Record<Exclude<Standing, 'member'>, Refusal>> = {
  disabled: { code: 'account-disabled', message: 'Your account is disabled; another approver must decide.' },
  guest: { code: 'guest', message: 'Guests of the tenant cannot decide about its incidents.' },
  gone: {
    code: 'account-gone',
    message: 'Your account does not exist in the directory; another approver must decide.',
  },
};

/** The reason to refuse the decider. Undefined: they may decide. */
export function refuseDecider(
  request: ApprovalRequest,
  by: Decider,
  facts: DeciderFacts,
): Refusal | undefined {
  const { approvers, fourEyes, tier } = request;
  if (isForeign(by, facts)) return FOREIGN;
  if (by.kind === 'automation') {
    if (!fourEyes && approvers.automation.includes(by.id)) return undefined;
    return {
      code: 'not-an-approver',
      message: `Policy does not allow ${by.name} to decide for tier ${tier}.`,
    };
  }
  const { standing, member, conflictOfInterest } = facts;
  if (standing !== 'unknown' && standing !== 'member') return STANDING[standing];
  const named = approvers.people.some(({ id }) => lower(id) === lower(by.objectId));
  if (!named && member === false) {
    return { code: 'not-an-approver', message: `You are not an approver. ${namesOf(request)}` };
  }
  if (standing === 'unknown' || (!named && member === 'unknown') || conflictOfInterest === 'unknown')
    return UNKNOWN;
  if (conflictOfInterest !== undefined)
    return { code: 'own-incident', message: INVOLVED[conflictOfInterest] };
  return undefined;
}

/** The same object id, group or sender in another tenant is someone else. */
export function isForeign(
  { tenantId }: Decider,
  { homeTenantId, onlyTenant }: Pick<DeciderFacts, 'homeTenantId' | 'onlyTenant'>,
): boolean {
  if (tenantId === undefined) return !onlyTenant;
  return homeTenantId !== undefined && lower(tenantId) !== homeTenantId;
}

const FOREIGN: Refusal = {
  code: 'not-an-approver',
  message: 'Only people and programs of the tenant of the incident may decide.',
};

const UNKNOWN: Refusal = {
  code: 'membership-unknown',
  message:
    'The directory is unavailable, so it is unknown whether you may decide. Nothing was changed; try again.',
};

function namesOf({ approvers }: ApprovalRequest): string {
  const names = [...approvers.groups, ...approvers.people].map(({ name }) => name);
  return `Approvers: ${names.join(', ')}.`;
}

const lower = (id: string) => id.toLowerCase();
