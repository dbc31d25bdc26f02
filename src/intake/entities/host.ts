import type { EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/letters.js';
import { clip, fieldOf, textOf } from '../text.js';
import { without } from './without.js';

const MDE_ID = /^[0-9a-f]{40}$/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DNS_NAME = /^(?!-)[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u;

/**
 * A Host entity. Defender's device id and the full name stand in `additionalData`, not beside the others.
 * Identity, first that exists: Defender's device id, Entra's device id, Azure's resource id, full DNS name; a bare
 * host name is weak.
 */
export function hostOf(properties: unknown): EntityOf<'host'> | undefined {
  const of = (key: string) => textOf(fieldOf(properties, key));
  const more = (key: string) => textOf(fieldOf(fieldOf(properties, 'additionalData'), key));
  const mdeId = matching(more('MdatpDeviceId') ?? of('MdatpDeviceId'), MDE_ID);
  const aadDeviceId = matching(more('AadDeviceId') ?? of('AadDeviceId'), GUID);
  const azureId = lowered(of('azureID'));
  const names = namesOf(of('hostName') ?? of('netBiosName'), of('dnsDomain'), more('FQDN') ?? of('FQDN'));
  const os = [of('osFamily'), of('osVersion')].filter((part) => part && part !== 'Unknown').join(' ');
  const parts = { mdeId, aadDeviceId, azureId, ...names, os: os === '' ? undefined : os };
  const key = keyOf(parts);
  if (key === undefined) return undefined;
  return {
    kind: 'host',
    key,
    display: clip(names.fqdn ?? names.hostName ?? mdeId ?? aadDeviceId ?? azureId ?? key, 200),
    identity: key.startsWith('host:name:') ? 'weak' : 'strong',
    ...without(parts),
  };
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

function namesOf(hostName: string | undefined, dnsDomain: string | undefined, fqdn: string | undefined) {
  const host = matching(hostName, DNS_NAME)?.replace(/\.$/, '');
  const domain = matching(dnsDomain, DNS_NAME)?.replace(/\.$/, '');
  const [label, ...rest] = host?.split('.') ?? [];
  const joined = rest.length > 0 ? host : host && domain ? `${host}.${domain}` : undefined;
  const full = matching(fqdn, DNS_NAME)?.replace(/\.$/, '');
  const whole = full?.includes('.') ? full : joined;
  return {
    hostName: label ?? whole?.split('.')[0],
    dnsDomain: domain ?? (whole?.split('.').slice(1).join('.') || undefined),
    fqdn: whole,
  };
}

function matching(text: string | undefined, pattern: RegExp): string | undefined {
  const lower = lowered(text);
  return lower && pattern.test(lower) ? lower : undefined;
}

const lowered = (text: string | undefined) => text && lowerCase(text);
