import { createHash } from 'node:crypto';
import { hasOneForm, lowerCase } from '../domain/unicode-text.js';

export interface IncidentId {
  /** Unchanged, for links and calls. */
  readonly armId: string;
  /** Lower-cased, because ARM ids are case-insensitive and sources differ in case. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly name: string;
}

/** Upper limit from the maximum lengths of the parts. */
const LONGEST = 600;
/** Matches ARM's keywords in any letter case. Without the flag `u`, no other character case-folds to an ASCII letter. */
const FORM =
  /^\/subscriptions\/([0-9a-z-]{1,64})\/resourceGroups\/([^/]{1,90})\/providers\/Microsoft\.OperationalInsights\/workspaces\/([0-9a-z-]{1,63})\/providers\/Microsoft\.SecurityInsights\/incidents\/([^/]{1,260})$/i;
/** U+FFFD replaces lone surrogates, see `wellFormed`. */
const NOT_IN_NAMES = /[/\\<>*%&:?#\p{Cc}\p{Zl}\p{Zp}\ufffd]/u;

/**
 * Parses the ARM id of an incident; undefined if it is anything else. The incident name is usually a GUID, but callers
 * may create incidents with any name that ARM allows.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents/get
 */
export function parseIncidentId(id: string): IncidentId | undefined {
  const parts = id.length > LONGEST ? null : FORM.exec(id);
  if (!parts || !hasOneForm(id)) return undefined;
  const [, subscriptionId = '', resourceGroup = '', workspace = '', name = ''] = parts;
  if (![resourceGroup, name].every(isName)) return undefined;
  return { armId: id, key: lowerCase(id), subscriptionId, resourceGroup, workspace, name };
}

const isName = (part: string) => !NOT_IN_NAMES.test(part) && part.trim() === part && !/^\.+$/.test(part);

/** Defender's ids are numbers: without the tenant, the same one is another incident elsewhere. Such a key is only shown. */
export const WITHOUT_TENANT = 'xdr:unknown/';

/**
 * The orchestration's instance id: a hash, because instance ids have no slashes and a limited length.
 * @throws Error for a key without a tenant: nothing may be started or found by it.
 */
export function instanceIdOf(key: string): string {
  if (key.startsWith(WITHOUT_TENANT)) throw new Error('The tenant of the incident is unknown.');
  return `incident-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
}
