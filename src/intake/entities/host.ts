import type { EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { clip } from '../text.js';
import { canonicalAddress } from './ip.js';
import { omitUndefined } from './omit-undefined.js';
import { furtherIds, saidIn } from './said.js';

const MDE_ID = /^[0-9a-f]{40}$/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Windows cuts NetBIOS names to 15 characters. https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou */
const NETBIOS_LENGTH = 15;
const DNS_NAME = /^(?!-)[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u;

/**
 * A Host entity. Defender's device id and the full name are in `additionalData`, not at the top level.
 * The identity is the first available of: Defender device id, Entra device id, Azure resource id, full DNS name. A bare
 * host name is weak. All other identifiers are in `further`.
 */
export function hostOf(properties: unknown): EntityOf<'host'> | undefined {
  const said = saidIn(properties);
  const of = (key: string) => said(key).map(lowerCase);
  const mdeIds = of('MdatpDeviceId').filter(isNoPlaceholder);
  const aadDeviceIds = of('AadDeviceId').filter(isNoPlaceholder);
  const azureIds = of('azureID');
  const known = {
    mdeId: mdeIds.find((id) => MDE_ID.test(id)),
    aadDeviceId: aadDeviceIds.find((id) => GUID.test(id)),
    azureId: azureIds[0],
  };
  // A NetBIOS name of full length may be truncated: it counts as a host name only if the host has no id.
  const isNamed = Object.values(known).some((id) => id !== undefined);
  const netBiosNames = of('netBiosName').filter((name) => !isNamed || name.length < NETBIOS_LENGTH);
  const hostNames = of('hostName').map(withoutAccountParts);
  const fullNames = [...of('FQDN'), ...of('fullName')].map(withoutAccountParts);
  const names = namesOf(hostNames, netBiosNames, of('dnsDomain'), fullNames);
  const ids = { ...known, ...names.best };
  const key = keyOf(ids);
  if (key === undefined) return undefined;
  const { mdeId, aadDeviceId, azureId, fqdn, hostName } = ids;
  return {
    kind: 'host',
    key,
    display: clip(fqdn ?? hostName ?? mdeId ?? aadDeviceId ?? azureId ?? key, 200),
    identity: key.startsWith('host:name:') ? 'weak' : 'strong',
    ...omitUndefined({ ...ids, os: osOf(said) }),
    ...furtherIds(
      {
        mdeId: mdeIds,
        aadDeviceId: aadDeviceIds,
        azureId: azureIds,
        ...names.all,
        netBiosName: of('netBiosName').filter((name) => name !== ids.hostName),
        ntDomain: said('ntDomain'),
        omsAgentId: of('omsAgentID').filter(isNoPlaceholder),
        friendlyName: said('friendlyName'),
      },
      omitUndefined(ids),
    ),
  };
}

function osOf(said: (key: string) => string[]): string | undefined {
  const parts = [said('osFamily')[0], said('osVersion')[0]];
  const os = parts.filter((part) => part && part !== 'Unknown').join(' ');
  return os === '' ? undefined : os;
}

interface HostParts {
  mdeId: string | undefined;
  aadDeviceId: string | undefined;
  azureId: string | undefined;
  fqdn: string | undefined;
  hostName: string | undefined;
}

function keyOf({ mdeId, aadDeviceId, azureId, fqdn, hostName }: HostParts): string | undefined {
  if (mdeId) return `host:mde:${mdeId}`;
  if (aadDeviceId) return `host:aad:${aadDeviceId}`;
  if (azureId) return `host:azure:${azureId}`;
  if (fqdn) return `host:fqdn:${fqdn}`;
  return hostName && `host:name:${hostName}`;
}

/** The best valid names, and all names in the entity. Host name and domain are also joined to a full name. */
function namesOf(
  hostNames: readonly string[],
  netBiosNames: readonly string[],
  dnsDomains: readonly string[],
  full: readonly string[],
) {
  const hosts = hostNames.map(withoutDot);
  const domains = dnsDomains.map(withoutDot);
  const valid = hosts.filter(isName);
  const bare = (valid.length > 0 ? valid : netBiosNames.filter(isName)).filter((name) => !name.includes('.'));
  const joined = bare.flatMap((host) => domains.filter(isName).map((domain) => `${host}.${domain}`));
  const whole = [...full.map(withoutDot), ...valid].filter((name) => name.includes('.'));
  const fqdns = [...whole, ...joined];
  const fqdn = fqdns.find(isName);
  const hostName = labelOf(valid[0] ?? fqdn ?? netBiosNames.find(isName));
  const dnsDomain = domains.find(isName) ?? (fqdn?.split('.').slice(1).join('.') || undefined);
  const named = full.map(withoutDot).filter((name) => !name.includes('.'));
  return {
    best: { hostName, dnsDomain, fqdn },
    all: {
      fqdn: fqdns,
      hostName: [...hosts.filter((name) => !name.includes('.')), ...named],
      dnsDomain: domains,
    },
  };
}

/** `\\\\ws-1`, `CORP\\ws-1`, and the account of the computer, `ws-1$` */
const withoutAccountParts = (name: string) => name.slice(name.lastIndexOf('\\') + 1).replace(/\$$/, '');
const withoutDot = (name: string) => name.replace(/\.$/, '');
const labelOf = (name: string | undefined) => name?.split('.')[0];
/** Sources write the address where they do not know the name. */
const isName = (text: string) => DNS_NAME.test(text) && canonicalAddress(text) === undefined;
/** An id of zeros means that there is none. */
const isNoPlaceholder = (id: string) => !/^[0-]+$/.test(id);
