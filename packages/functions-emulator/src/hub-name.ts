/** `extensions.durableTask.hubName` of host.json, which may name settings: `%MyTaskHub%`. */
import { resolveSettings } from './setting-references.js';

export interface HubName {
  readonly name: string;
  /** A setting that the name refers to does not exist. The real host then goes on with the text as it is. */
  readonly note?: string;
  /** The real host's error: the name is not valid in Azure Storage. It stops the host. */
  readonly error?: string;
}

export function readHubName(text: string, settings: Readonly<Record<string, string>>): HubName {
  const resolved = resolveSettings(text, settings);
  const name = 'text' in resolved ? resolved.text : text;
  const fault = storageFault(name);
  return {
    name,
    ...('problem' in resolved && {
      note: `host.json: extensions.durableTask.hubName is "${text}": ${resolved.problem}${/resolve/.test(resolved.problem) ? ' Add the setting to Values of local.settings.json.' : ''}`,
    }),
    ...(fault !== undefined && { error: hubNameError(name, fault) }),
  };
}

const EXTENSION = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';

function hubNameError(name: string, fault: string): string {
  const rule = `Task hub name '${name}' should contain only alphanumeric characters, start with a letter, and have length between 3 and 45.`;
  return [`${EXTENSION}: ${rule}`, ...(fault === '' ? [] : [`${EXTENSION}: ${fault}`])].join(' ');
}

/** Why Azure Storage has no containers, tables and queues of this name; empty: it would, but the extension's own limit is lower. */
function storageFault(name: string): string | undefined {
  if (name.trim() === '')
    return 'Invalid blob name. The blob name may not be null, empty, or whitespace only.';
  if (name.length < 3 || name.length > 63)
    return 'Invalid container name length. The container name must be between 3 and 63 characters long.';
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name.toLowerCase()))
    return 'Invalid container name. Check MSDN for more information about valid container naming.';
  if (!/^[a-z][a-z0-9]*$/i.test(name))
    return 'Invalid table name. Check MSDN for more information about valid table naming.';
  return name.length > 50 ? '' : undefined;
}
