/** Where an incident is read: the service that owns it, with its id there. */
import { z } from 'zod';
import { lowerCase } from './unicode-text.js';

export const incidentOriginSchema = z.discriminatedUnion('kind', [
  /** ARM id as Sentinel spells it, for links and calls. */
  z.object({ kind: z.literal('sentinel'), armId: z.string() }),
  /** An incident of Microsoft Defender XDR, read through Microsoft Graph. The tenant's id in lower case. */
  z.object({ kind: z.literal('defender'), tenantId: z.string(), id: z.string() }),
]);
export type IncidentOrigin = z.infer<typeof incidentOriginSchema>;

/** The incident's own key: the lower-cased ARM id, or `xdr:{tenant}/{id}`. */
export function keyOfOrigin(origin: IncidentOrigin): string {
  return origin.kind === 'sentinel' ? lowerCase(origin.armId) : `xdr:${origin.tenantId}/${origin.id}`;
}

/** The origin in Defender of a key `xdr:{tenant}/{id}`; undefined for any other key. */
export function defenderOriginOf(key: string | undefined): DefenderOrigin | undefined {
  const [, tenantId, id] = /^xdr:([0-9a-f-]{36})\/([1-9]\d{0,19})$/.exec(key ?? '') ?? [];
  return tenantId === undefined || id === undefined ? undefined : { kind: 'defender', tenantId, id };
}
export type DefenderOrigin = Extract<IncidentOrigin, { kind: 'defender' }>;

const MOST_ORIGINS = 5;

/** Adds origins, the newest last. Without `own`, and each once. */
export function withOrigins(
  known: readonly IncidentOrigin[],
  more: readonly IncidentOrigin[],
  own: IncidentOrigin,
): IncidentOrigin[] {
  const all = new Map([...known, ...more].map((origin) => [keyOfOrigin(origin), origin]));
  all.delete(keyOfOrigin(own));
  return [...all.values()].slice(-MOST_ORIGINS);
}

/** The end of the id, for titles. */
export function shortIdOf(origin: IncidentOrigin): string {
  return origin.kind === 'sentinel' ? `…${origin.armId.slice(-8)}` : origin.id;
}
