/** Why the settings do not let a delivery be handled: one table for incidents, rows of the log and alerts. */
import type { AlertShape } from '../domain/alert-lookup.js';
import type { RejectedDelivery } from '../intake/index.js';

export type Refusal = Pick<RejectedDelivery, 'code' | 'reason' | 'next'>;

/** What is refused, as people call it, and the code of its shape. */
export interface Refused {
  readonly words: string;
  readonly code: AlertShape | undefined;
}
export const THE_INCIDENT: Refused = { words: 'The incident', code: undefined };
/** An alert of which no more is known than its id. */
export const THE_ALERT: Refused = { words: 'The alert', code: undefined };

const ALERTS: Readonly<Record<AlertShape, string>> = {
  'graph-alert': 'security alert of Microsoft Graph',
  'defender-alert': 'alert of the Defender API',
  'streaming-record': "record of Defender's streaming API",
  'sentinel-alert': 'alert of the Sentinel REST API',
  'kql-alert': 'row of the table SecurityAlert',
  'alert-trigger': 'alert of the "Microsoft Sentinel alert" trigger',
};
/** `This security alert of Microsoft Graph is not an incident` */
export const notAnIncident = (shape: AlertShape): string => `${alertOfShape(shape).words} is not an incident`;
export const alertOfShape = (shape: AlertShape): Refused => ({ words: `This ${ALERTS[shape]}`, code: shape });

const AGAIN = 'then submit the stored body again.';

/** By what is wrong. `set`: where people name workspaces. */
const REFUSALS = {
  /** Its workspace is not configured. */
  'other-workspace': ({ words }, set) => ({
    code: 'unknown-workspace',
    reason: `${words} belongs to a workspace that this responder is not configured for.`,
    next: `Add the workspace with its customerId to ${set}, ${AGAIN}`,
  }),
  /** No configured workspace has the customer id of its log. */
  'other-log': (_refused, set) => ({
    code: 'unknown-workspace',
    reason: 'The row of SecurityIncident is from the log of a workspace whose customer id is not configured.',
    next: `Add the workspace with its customerId to ${set}, ${AGAIN}`,
  }),
  'bad-name': () => ({
    code: 'bad-incident-id',
    reason: 'The name in the row of SecurityIncident is not that of a Sentinel incident.',
    next: 'Send the incident as the REST API returns it.',
  }),
  /** Its workspace may be configured, but without what a query needs. */
  'no-log': ({ words }, set) => ({
    code: 'alert-lookup-not-configured',
    reason: `${words} names no incident, and its incident cannot be looked up: the customer id of its workspace is unknown.`,
    next: `Name the customerId of the workspace in ${set}, ${AGAIN}`,
  }),
  /** Several tenants are configured, and none is its own. */
  'other-tenant': ({ words }) => ({
    code: 'unknown-tenant',
    reason: `${words} belongs to a tenant that this responder is not configured for.`,
    next: `Add the tenant to TENANTS, ${AGAIN}`,
  }),
  /** It is not that of the only tenant. */
  'not-the-tenant': ({ words }) => ({
    code: 'unknown-tenant',
    reason: `${words} belongs to another tenant than this responder.`,
    next: 'Send it to the responder of that tenant.',
  }),
  /** The only tenant has no id. */
  'no-tenant-id': ({ words }) => ({
    code: 'unknown-tenant',
    reason: `${words} may belong to the tenant of this responder or to another: AZURE_TENANT_ID is not set.`,
    next: `Set AZURE_TENANT_ID, ${AGAIN}`,
  }),
  /** With several tenants, an alert of Defender must name its own. */
  'no-tenant-named': ({ words, code }) => ({
    code: code ?? 'unknown-tenant',
    reason: `${words} does not say which tenant it belongs to, and this responder has several.`,
    next: 'Send it with the id of its tenant (tenantId), as its service returns it.',
  }),
  /** With several tenants, an alert of Sentinel must name its workspace. */
  'no-workspace-named': ({ words, code }) => ({
    code: code ?? 'unknown-workspace',
    reason: `${words} names neither its incident nor its workspace, and this responder has several tenants.`,
    next: 'Send it with the id of its workspace, as its service returns it.',
  }),
} as const satisfies Readonly<Record<string, (refused: Refused, set: string) => Refusal>>;
export type RefusalCause = keyof typeof REFUSALS;

/** @param isSingle whether the settings describe a single tenant */
export function refusalFor(cause: RefusalCause, refused: Refused, isSingle: boolean): Refusal {
  return REFUSALS[cause](refused, isSingle ? 'SENTINEL_WORKSPACES' : 'its tenant in TENANTS');
}
