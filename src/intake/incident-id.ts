import { createHash } from 'node:crypto';

export interface IncidentId {
  /** As it came, for links and calls. */
  readonly armId: string;
  /** Lower-cased: ARM ids compare without regard to letter case, and sources disagree on it. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly name: string;
}

const NAME = String.raw`[^/\\<>*%&:?#\p{Cc}\p{Zl}\p{Zp}]`;
const INCIDENT_ID = new RegExp(
  `^/subscriptions/([0-9a-z-]{1,64})/resourceGroups/(${NAME}{1,90})` +
    String.raw`/providers/Microsoft\.OperationalInsights/workspaces/([0-9a-z-]{1,63})` +
    String.raw`/providers/Microsoft\.SecurityInsights/incidents/(${NAME}{1,260})$`,
  'iu',
);

/**
 * Takes an incident's ARM id apart; undefined where it is anything else. The incident's own name is usually a
 * GUID, but callers may create incidents under any name that ARM allows.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents/get
 */
export function parseIncidentId(id: string): IncidentId | undefined {
  const parts = INCIDENT_ID.exec(id);
  if (!parts || [...id].some(isAnothersSign)) return undefined;
  const [, subscriptionId = '', resourceGroup = '', workspace = '', name = ''] = parts;
  if ([resourceGroup, name].some((part) => part.trim() !== part || /^\.+$/.test(part))) return undefined;
  return { armId: id, key: id.toLowerCase(), subscriptionId, resourceGroup, workspace, name };
}

/** A Kelvin sign, for one, is a `k` in lower case and not for ARM: the id would take the key of another incident. */
const isAnothersSign = (character: string) => character.normalize('NFC') !== character;

/** The orchestration's instance id: slashes are not allowed in one, and the length is limited. */
export function instanceIdOf(key: string): string {
  return `incident-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
}
