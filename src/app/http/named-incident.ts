import { instanceIdOfKey } from '../../intake/index.js';
import { isInstanceId } from '../incident-instances.js';

/**
 * The id of the instance that a path names: the id itself, or a key of the incident, percent-encoded. Undefined: it is neither.
 * Hosts differ in whether they decode an encoded slash.
 */
export function instanceIdIn(text: string | undefined): string | undefined {
  if (text === undefined || isInstanceId(text)) return text;
  try {
    return instanceIdOfKey(text) ?? instanceIdOfKey(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}
