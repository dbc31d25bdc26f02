import type { EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { clip, textOf } from '../text.js';
import { omitUndefined } from './omit-undefined.js';
import { furtherIds, saidIn } from './said.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Only these SIDs are unique; others, such as S-1-5-18, are the same on every machine. */
const UNIQUE_SID = /^S-1-(5-21|12-1)(-\d+)+$/i;
const LONGEST_UPN = 1_024;

/**
 * An Account entity. Its parts occur in every combination: `accountName` may be a complete UPN or `DOMAIN\name` while
 * `upnSuffix` is set, too. From July 2026 on Sentinel fills it with the part of the UPN before the @, and the UPN is in a
 * field of its own. The identity is the first available of: object id, SID, UPN. `domain\name` is weak. All other
 * identifiers are in `further`.
 */
export function accountOf(properties: unknown): EntityOf<'account'> | undefined {
  const of = saidIn(properties);
  const objectIds = of('aadUserId').map(lowerCase).filter(isNoPlaceholder);
  const given = of('accountName');
  const accountNames = (given.length > 0 ? given : of('fullName')).map(withoutClaim);
  const sids = [...of('sid'), ...accountNames.filter(isSid)].map((sid) => sid.toUpperCase());
  const names = namesOf(accountNames, of('ntDomain').map(plainDomain));
  const suffixes = of('upnSuffix').map((suffix) => lowerCase(plainDomain(suffix)));
  const upns = upnsOf(accountNames, names.name, suffixes, of('UserPrincipalName'));
  const tenantIds = of('aadTenantId').map(lowerCase).filter(isNoPlaceholder);
  const objectId = objectIds.find((id) => GUID.test(id));
  const parts = {
    objectId,
    upn: upns.find(isUpn),
    sid: sids.find((sid) => UNIQUE_SID.test(sid)),
    name: names.name[0],
    // Without anything better, a name is looked for in its domain, whichever field that is in.
    ntDomain:
      names.ntDomain[0] ??
      (objectIds.length + upns.length + sids.length === 0 ? of('dnsDomain').map(plainDomain)[0] : undefined),
    tenantId: tenantIds.find((id) => GUID.test(id)),
  };
  // A security identifier that is no one's is the key of an account that has nothing else.
  const key = keyOf(parts) ?? keyOf({ ...parts, sid: sids.find(isSid) });
  if (key === undefined) return undefined;
  const { name, ntDomain, upn, sid, tenantId } = parts;
  const qualified = name && ntDomain ? `${ntDomain}\\${name}` : name;
  const called = [...of('displayName'), ...of('friendlyName')][0];
  return {
    kind: 'account',
    key,
    display: clip(upn ?? qualified ?? called ?? objectId ?? sid ?? key, 200),
    identity: objectId || sid || upn ? 'strong' : 'weak',
    ...omitUndefined(parts),
    ...furtherIds(
      {
        objectId: objectIds,
        upn: upns,
        sid: sids,
        ...names,
        upnSuffix: suffixes.filter((suffix) => !upns.some((one) => one.endsWith(`@${suffix}`))),
        dnsDomain: of('dnsDomain').map(lowerCase),
        tenantId: tenantIds,
        displayName: of('displayName'),
        friendlyName: of('friendlyName'),
        puid: of('puid'),
        objectGuid: of('objectGuid').map(lowerCase).filter(isNoPlaceholder),
      },
      { ...omitUndefined({ objectId, upn, sid, name, ntDomain, tenantId }) },
    ),
  };
}

interface AccountParts {
  readonly objectId: string | undefined;
  readonly sid: string | undefined;
  readonly upn: string | undefined;
  readonly name: string | undefined;
  readonly ntDomain: string | undefined;
}

function keyOf({ objectId, sid, upn, name, ntDomain }: AccountParts): string | undefined {
  if (objectId) return `account:oid:${objectId}`;
  if (sid) return `account:sid:${lowerCase(sid)}`;
  if (upn) return `account:upn:${upn}`;
  if (name && ntDomain) return `account:nt:${lowerCase(ntDomain)}\\${lowerCase(name)}`;
  return name && `account:name:${lowerCase(name)}`;
}

/** SharePoint writes `i:0#.f|membership|dana@contoso.com`; mail has `mailto:`, `SMTP:` and `Dana Ortiz <dana@contoso.com>`. */
function withoutClaim(name: string): string {
  if (/^[ic]:0/i.test(name)) return textOf(name.split('|').at(-1)) ?? name;
  const [, address] = /<([^<>@\s]+@[^<>@\s]+)>$/.exec(name) ?? [];
  return (address ?? name).replace(/^(?:mailto|smtp):/i, '');
}

/** `@contoso.com`, `contoso.com.` */
const plainDomain = (domain: string) => domain.replace(/^@|\.$/g, '');

/** Windows writes the security identifier where it does not find the name. */
const isSid = (name: string) => /^S-1-\d+(-\d+)+$/i.test(name);

const withoutDomain = (name: string) => textOf(name.split('\\').at(-1)) ?? name;

/** An account name is `DOMAIN\name`, a complete UPN or a bare name. */
function namesOf(accountNames: readonly string[], ntDomains: readonly string[]) {
  const split = accountNames.map((text) => {
    const [before, after] = text.split('\\', 2);
    return {
      name: textOf((after ?? before)?.split('@', 1)[0]),
      domain: after === undefined ? undefined : textOf(before),
    };
  });
  return {
    name: split.flatMap(({ name }) => name ?? []),
    ntDomain: [...ntDomains, ...split.flatMap(({ domain }) => domain ?? [])],
  };
}

/** Complete UPNs, and names joined with suffixes. A suffix without a dot gives no UPN. */
function upnsOf(
  accountNames: readonly string[],
  names: readonly string[],
  suffixes: readonly string[],
  whole: readonly string[],
): string[] {
  const joined = names.flatMap((name) => suffixes.map((suffix) => `${name}@${suffix}`));
  return [...accountNames.map(withoutDomain).filter(isUpn), ...whole, ...joined.filter(isUpn)].map(lowerCase);
}

/** One @ with text on both sides, no white space, and a dot inside the domain. */
function isUpn(text: string): boolean {
  if (text.length > LONGEST_UPN || /\s/.test(text)) return false;
  const [local, domain = '', ...more] = text.split('@');
  const dot = domain.indexOf('.', 1);
  return more.length === 0 && !!local && dot > 0 && dot < domain.length - 1;
}

/** An id of zeros means that there is none. */
const isNoPlaceholder = (id: string) => !/^[0-]+$/.test(id);
