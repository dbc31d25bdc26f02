/** What somebody else does in the tenant, for the cases. */
import type { TenantState } from 'tenant-simulator';
import { APP, DANA, GRANT, MACHINE, method, NEW_METHOD, QUARANTINE, START } from '../contoso.js';
import { MESSAGE, RULE } from '../contoso-mail.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

type Machine = TenantState['machines'][number];

/** A machine action of an analyst that is still in progress. */
export function begunByAnalyst(type: string): (state: TenantState) => void {
  return (state) => {
    analystsAction(type)(state);
    for (const action of state.machineActions) if (action.type === type) action.status = 'InProgress';
  };
}

/** A machine action of an analyst, with its effect. */
export function analystsAction(
  type: string,
  effect: Partial<Machine> = {},
  scope: 'Full' | 'UnManagedDevice' = 'Full',
): (state: TenantState) => void {
  return (state) => {
    const at = new Date(START - HOUR_MS + state.machineActions.length * MINUTE_MS).toISOString();
    state.machineActions.push({
      id: `analysts-${type.toLowerCase()}-${state.machineActions.length}`,
      type,
      scope: type === 'Isolate' ? scope : null,
      machineId: MACHINE,
      status: 'Succeeded',
      requestor: 'lee.andersen@contoso.com',
      requestorComment: 'by hand',
      creationDateTimeUtc: at,
      lastUpdateDateTimeUtc: at,
    });
    changeMachine(effect)(state);
  };
}

export function changeMachine(change: Partial<Machine>): (state: TenantState) => void {
  return (state) => {
    for (const machine of state.machines) if (machine.id === MACHINE) Object.assign(machine, change);
  };
}

/** Machine actions of the type end without an effect. */
export function endAs(type: string, status: 'Failed' | 'Cancelled'): (state: TenantState) => void {
  return (state) => {
    for (const action of state.machineActions) if (action.type === type) action.status = status;
  };
}

export function enabled(accountEnabled: boolean): (state: TenantState) => void {
  return (state) => {
    for (const user of state.users) if (user.id === DANA) user.accountEnabled = accountEnabled;
  };
}

export function appEnabled(accountEnabled: boolean): (state: TenantState) => void {
  return (state) => {
    for (const app of state.servicePrincipals) if (app.id === APP) app.accountEnabled = accountEnabled;
  };
}

const changeDana =
  (change: object): ((state: TenantState) => void) =>
  (state) => {
    for (const user of state.users) if (user.id === DANA) Object.assign(user, change);
  };

/** Dana has the authenticator that was added after the incident began, or not. */
export function newMethod(isThere: boolean): (state: TenantState) => void {
  return (state) => {
    for (const user of state.users) {
      if (user.id !== DANA) continue;
      const others = (user.authenticationMethods ?? []).filter(({ id }) => id !== NEW_METHOD);
      const added = method('microsoftAuthenticator', NEW_METHOD, '2026-03-10T07:50:00Z');
      user.authenticationMethods = isThere ? [...others, added] : others;
    }
  };
}

/** Dana has consented to Mail Reader, or not. */
export function consented(isThere: boolean): (state: TenantState) => void {
  return (state) => {
    state.permissionGrants = isThere ? [GRANT] : [];
  };
}

export const atRisk = (riskLevel: string, riskState: string) =>
  changeDana({ risk: { riskLevel, riskState, riskLastUpdatedDateTime: new Date(START).toISOString() } });

export const passwordChangeForced = (forceChangePasswordNextSignIn: boolean) =>
  changeDana({ passwordProfile: { forceChangePasswordNextSignIn, password: null } });

/** Dana is a member of the quarantine group, and no one else. */
export function quarantined(isMember: boolean): (state: TenantState) => void {
  return (state) => {
    for (const group of state.groups) if (group.id === QUARANTINE) group.members = isMember ? [DANA] : [];
  };
}

/** An indicator of an analyst, without an end. */
export function blockedByAnalyst({
  type,
  value,
}: {
  readonly type: string;
  readonly value: string;
}): (state: TenantState) => void {
  return (state) => {
    state.indicators.push({
      id: '7',
      indicatorType: type,
      indicatorValue: value,
      action: 'BlockAndRemediate',
      title: 'by hand',
      description: 'by hand',
      expirationTime: null,
      rbacGroupNames: [],
      createdBy: 'lee.andersen@contoso.com',
    });
  };
}

type SentinelProperties = TenantState['incidents'][number]['properties'];

/** An analyst changes the incident in the portal. */
export function changeIncident(change: Partial<SentinelProperties>): (state: TenantState) => void {
  return (state) => {
    for (const incident of state.incidents) Object.assign(incident.properties, change);
  };
}

/** An analyst changes the incident in Defender's portal. */
export function changeDefenderIncident(
  change: Readonly<Record<string, unknown>>,
): (state: TenantState) => void {
  return (state) => {
    for (const incident of state.securityIncidents) Object.assign(incident, change);
  };
}

/** The rule of Dana's mailbox that forwards messages. */
export function inboxRuleEnabled(isEnabled: boolean): (state: TenantState) => void {
  return (state) => {
    const rules = state.mailboxes.flatMap(({ messageRules }) => messageRules);
    for (const rule of rules) if (rule.id === RULE) rule.isEnabled = isEnabled;
  };
}

/** What an analyst does with a delivered message; `minutes`: after the start. */
export function analystMoved(
  action: 'Soft delete' | 'Hard delete' | 'Moved to inbox' | 'Moved to junk folder',
  minutes: number,
  recipients: readonly string[] = [],
): (state: TenantState) => void {
  const location = {
    'Soft delete': 'Soft deleted',
    'Hard delete': 'Hard deleted',
    'Moved to inbox': 'Inbox/folder',
    'Moved to junk folder': 'Junk folder',
  }[action];
  return (state) => {
    const timestamp = new Date(START + minutes * MINUTE_MS).toISOString();
    const delivered = state.emails.filter(
      (one) => one.networkMessageId === MESSAGE && one.location !== 'Quarantine',
    );
    for (const email of delivered) {
      const { networkMessageId, recipientEmailAddress } = email;
      if (recipients.length > 0 && !recipients.includes(recipientEmailAddress)) continue;
      email.location = location;
      state.emailPostDeliveryEvents.push({
        id: `analysts-${state.emailPostDeliveryEvents.length}`,
        ...{ timestamp, networkMessageId, recipientEmailAddress, action },
        actionType: 'Manual remediation',
        actionTrigger: 'AdminAction',
        actionResult: 'Success',
        deliveryLocation: location,
      });
    }
  };
}
