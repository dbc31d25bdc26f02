import { keyOfOrigin } from '../domain/incident-origin.js';
import { defenderOrigin } from './aliases.js';
import { instanceIdOf, parseIncidentId } from './incident-id.js';

/** The id of the instance for a key that a person names: an ARM id, or `xdr:{tenant}/{id}`. Undefined: it is neither. */
export function instanceIdOfKey(text: string): string | undefined {
  const named = parseIncidentId(text);
  if (named !== undefined) return instanceIdOf(named.key);
  const [, tenant, id] = /^xdr:([^/]{1,40})\/(\d{1,20})$/i.exec(text) ?? [];
  const origin = defenderOrigin(tenant, id);
  return origin && instanceIdOf(keyOfOrigin(origin));
}
