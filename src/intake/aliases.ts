/** Other keys of one incident: it may have an id in Defender and a name in its workspace's log. */
import { type DefenderOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { fieldOf, lowerOf, textOf } from './text.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isGuid = (text: string): boolean => GUID.test(text);
/** Without leading zeros: each incident has one key. */
const DEFENDER_ID = /^[1-9]\d{0,19}$/;
/** Names of Defender XDR as provider of an incident. */
const DEFENDER = ['microsoft xdr', 'microsoft 365 defender', 'microsoft defender xdr'];

export const isDefender = (provider: unknown): boolean => DEFENDER.includes(lowerOf(provider) ?? '');

/** Where Defender has an incident. Undefined without a tenant or an id of digits. */
export function defenderOrigin(tenant: unknown, id: unknown): DefenderOrigin | undefined {
  const [tenantId, incidentId] = [lowerOf(tenant) ?? '', textOf(id) ?? ''];
  const isKnown = GUID.test(tenantId) && DEFENDER_ID.test(incidentId);
  return isKnown ? { kind: 'defender', tenantId, id: incidentId } : undefined;
}

/** `xdr:{tenant}/{id}`: the key of an incident of Defender XDR. Undefined without a tenant or an id of digits. */
export function xdrKey(tenant: unknown, id: unknown): string | undefined {
  const origin = defenderOrigin(tenant, id);
  return origin && keyOfOrigin(origin);
}

/** The one of the aliases by which Defender knows the incident. */
export const defenderAliasOf = (aliases: readonly string[]): string | undefined =>
  aliases.find((alias) => alias.startsWith('xdr:'));

/** `laws:{workspace}/{name}`: the key of a row in the log of a workspace, by its customer id. */
export function logKey(workspaceId: unknown, name: unknown): string | undefined {
  const [workspace, incident] = [lowerOf(workspaceId) ?? '', lowerOf(name)];
  return GUID.test(workspace) && incident !== undefined ? `laws:${workspace}/${incident}` : undefined;
}

/** The tenant in a link to the Defender portal: `…?tid={tenant}`. */
export function tenantOfLink(link: unknown): string | undefined {
  const tenant = /[?&]tid=([0-9a-f-]{36})(?:[&#]|$)/.exec(lowerOf(link) ?? '')?.[1];
  return tenant !== undefined && GUID.test(tenant) ? tenant : undefined;
}

/**
 * The aliases of a Sentinel incident, sorted. `providerIncidentId` is Defender's id only if Defender is the provider; other
 * providers repeat the incident's number there.
 * @param properties in the names of the REST API
 */
export function aliasesOf(
  properties: unknown,
  log: { readonly workspaceId: unknown; readonly name: unknown },
): string[] {
  const link = fieldOf(fieldOf(properties, 'additionalData'), 'providerIncidentUrl');
  const defender = isDefender(fieldOf(properties, 'providerName'))
    ? xdrKey(tenantOfLink(link), fieldOf(properties, 'providerIncidentId'))
    : undefined;
  return [defender, logKey(log.workspaceId, log.name)].flatMap((key) => key ?? []).sort();
}
