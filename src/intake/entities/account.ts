import type { EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/letters.js';
import { clip, fieldOf, textOf } from '../text.js';
import { without } from './without.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Only these name one principal; S-1-5-18 and the like are the same on every machine. */
const UNIQUE_SID = /^S-1-(5-21|12-1)(-\d+)+$/i;
const UPN = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/;

/**
 * An Account entity. Its parts come in every combination: `accountName` may hold a whole UPN, or `DOMAIN\name`,
 * while `upnSuffix` is set too. Identity, first that exists: object id, SID, UPN; domain\name is weak.
 */
export function accountOf(properties: unknown): EntityOf<'account'> | undefined {
  const of = (key: string) => textOf(fieldOf(properties, key));
  const objectId = guid(of('aadUserId'));
  const tenantId = guid(of('aadTenantId'));
  const sid = uniqueSid(of('sid') ?? textOf(fieldOf(fieldOf(properties, 'additionalData'), 'Sid')));
  const names = splitName(of('accountName'), of('ntDomain'));
  const upn = upnOf(of('accountName'), names.name, of('upnSuffix'), properties);
  const parts = { objectId, upn, sid, ...names, tenantId };
  const key = keyOf(parts);
  if (key === undefined) return undefined;
  const qualified = names.name && names.ntDomain ? `${names.ntDomain}\\${names.name}` : names.name;
  return {
    kind: 'account',
    key,
    display: clip(upn ?? qualified ?? of('displayName') ?? of('friendlyName') ?? objectId ?? sid ?? key, 200),
    identity: objectId || sid || upn ? 'strong' : 'weak',
    ...without(parts),
  };
}

interface AccountParts {
  objectId: string | undefined;
  sid: string | undefined;
  upn: string | undefined;
  name: string | undefined;
  ntDomain: string | undefined;
}

function keyOf({ objectId, sid, upn, name, ntDomain }: AccountParts): string | undefined {
  if (objectId) return `account:oid:${objectId}`;
  if (sid) return `account:sid:${lowerCase(sid)}`;
  if (upn) return `account:upn:${upn}`;
  if (name && ntDomain) return `account:nt:${lowerCase(ntDomain)}\\${lowerCase(name)}`;
  return name && `account:name:${lowerCase(name)}`;
}

function splitName(accountName: string | undefined, ntDomain: string | undefined) {
  const [before, after] = accountName?.split('\\', 2) ?? [];
  const name = (after ?? before)?.split('@', 1)[0];
  return {
    name: name === '' ? undefined : name,
    ntDomain: ntDomain ?? (after === undefined ? undefined : textOf(before)),
  };
}

function upnOf(
  accountName: string | undefined,
  name: string | undefined,
  suffix: string | undefined,
  properties: unknown,
): string | undefined {
  const whole = textOf(fieldOf(fieldOf(properties, 'additionalData'), 'UserPrincipalName'));
  const joined = name && suffix ? `${name}@${suffix.replace(/^@/, '')}` : undefined;
  const found = [accountName, whole, joined].find((upn) => upn && UPN.test(upn));
  return found === undefined ? undefined : lowerCase(found);
}

function guid(text: string | undefined): string | undefined {
  const id = text && lowerCase(text);
  return id && GUID.test(id) && !/^[0-]+$/.test(id) ? id : undefined;
}

function uniqueSid(text: string | undefined): string | undefined {
  return text && UNIQUE_SID.test(text) ? text.toUpperCase() : undefined;
}
