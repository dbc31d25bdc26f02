import { createHash } from 'node:crypto';
import { hasOneForm, lowerCase } from '../domain/letters.js';

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

/** The longest that its parts allow. */
const LONGEST = 600;
/** Letters that ARM's own words are written in, whatever their case: without `u`, no other sign folds into one of them. */
const FORM =
  /^\/subscriptions\/([0-9a-z-]{1,64})\/resourceGroups\/([^/]{1,90})\/providers\/Microsoft\.OperationalInsights\/workspaces\/([0-9a-z-]{1,63})\/providers\/Microsoft\.SecurityInsights\/incidents\/([^/]{1,260})$/i;
/** U+FFFD is what half a character was before. */
const NOT_IN_NAMES = /[/\\<>*%&:?#\p{Cc}\p{Zl}\p{Zp}\ufffd]/u;

/**
 * Takes an incident's ARM id apart; undefined where it is anything else. The incident's own name is usually a
 * GUID, but callers may create incidents under any name that ARM allows.
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

/** The orchestration's instance id: slashes are not allowed in one, and the length is limited. */
export function instanceIdOf(key: string): string {
  return `incident-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
}
