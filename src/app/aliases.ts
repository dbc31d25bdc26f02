/**
 * Finds the instance that handles an incident, whichever of its keys a delivery or a person names. What a message says about
 * other keys is believed only if the service that owns the incident says so, too.
 */
import type { AliasOwner } from '../domain/alias.js';
import type { HandedOver } from '../domain/handed-over.js';
import type { Incident } from '../domain/incident.js';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { NO_INVOLVED } from '../domain/involved.js';
import { handedOverOnce } from '../domain/merge.js';
import { type Excluded, withExcluded } from '../domain/update.js';
import { defenderAliasOf, type IncidentDelivery, instanceIdOf } from '../intake/index.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
import { readIncident } from './read-incident.js';
import { isRunning } from './run-end.js';
import { refusalOf, tenantOf } from './tenants.js';

/**
 * The key by which Defender knows an incident, if it is one of the incident's own tenant: what a body says about another
 * tenant leads nowhere.
 */
export function ownAliasOf(aliases: readonly string[], origin: IncidentOrigin): string | undefined {
  const alias = defenderAliasOf(aliases);
  if (alias === undefined) return undefined;
  const tenantId = tenantOf(origin)?.id;
  return tenantId === undefined || alias.startsWith(`xdr:${tenantId}/`) ? alias : undefined;
}

/** An owner may have become an alias itself, in a later run. */
const MOST_STEPS = 3;

type Owners = Pick<IncidentInstances, 'ownerOf'>;

/** The instance that handles the incident with this key; undefined if none has claimed it. */
async function ownerOf(instances: Owners, alias: string): Promise<AliasOwner | undefined> {
  let found: AliasOwner | undefined;
  const seen: string[] = [];
  for (let at = alias; seen.length < MOST_STEPS; at = found.instanceId) {
    // In a circle each instance would send to the other: then the incident is handled where it arrives.
    if (seen.includes(at)) return undefined;
    seen.push(at);
    const owner = await instances.ownerOf(at);
    if (owner === undefined || owner.instanceId === at) return owner ?? found;
    found = owner;
  }
  return found;
}

/** The other instance that handles the incident of this one, if there is one. */
export async function ownerElsewhere(instances: Owners, instanceId: string): Promise<AliasOwner | undefined> {
  const owner = await ownerOf(instances, instanceId);
  return owner?.instanceId === instanceId ? undefined : owner;
}

export interface Addressed {
  /** For the instance that handles the incident. */
  readonly delivery: IncidentDelivery;
  /** The instance, if it exists. */
  readonly known: Instance | undefined;
  /** Who must not decide, as the last run under the other key knows, and the incident as it was read under that key. */
  readonly excluded?: Excluded | undefined;
  /** Where the delivery says that the incident is, if its instance reads it elsewhere. */
  readonly alsoAs?: IncidentOrigin;
  /** What was carried out for good under the other key, if the instance does not know it. */
  readonly handedOver?: readonly HandedOver[];
}

type Instances = Pick<IncidentInstances, 'find' | 'ownerOf' | 'claim' | 'current'>;

/** Addresses a delivery to the instance that handles its incident. */
export async function addressed(delivery: IncidentDelivery, instances: Instances): Promise<Addressed> {
  const owner = await ownerElsewhere(instances, delivery.instanceId);
  if (owner !== undefined) return atOwner({ owner }, delivery, instances);
  const known = await instances.find(delivery.instanceId);
  // A running instance claims the incident's keys itself.
  if (known !== undefined && isRunning(known)) return { delivery, known };
  const other = await confirmedOwner(delivery, instances);
  if (other === undefined) return { delivery, known };
  await instances.claim({ alias: delivery.instanceId, owner: other.owner });
  return atOwner(other, delivery, instances);
}

interface Other {
  readonly owner: AliasOwner;
  /** The incident under the key of the delivery, if it was read. */
  readonly read?: Incident | undefined;
  /** Former owners that can no longer read the incident. */
  readonly lost?: readonly string[];
}

/** Unless the owner can no longer read the incident, and it can be read under the key of the delivery: then that one has it. */
async function atOwner(
  { owner, read, lost = [] }: Other,
  delivery: IncidentDelivery,
  instances: Instances,
): Promise<Addressed> {
  const { instanceId, origin } = delivery;
  const [own, owning] = await Promise.all([instances.find(instanceId), instances.find(owner.instanceId)]);
  const open = isLost(owner, owning) ? (read ?? (await readNow(origin))) : undefined;
  if (open === undefined || isOver(open)) {
    const before = await otherRun(own, owning, instances);
    const excluded = withNamed(before.excluded, read ?? open);
    return { ...before, delivery: sentTo(owner, delivery), known: owning, excluded, alsoAs: origin };
  }
  const losers = [...lost, owner.instanceId];
  const before = await ownersOf([instanceId, ...aliasOf(open, origin)], instances);
  const others = before.map((one) => one.owner).filter((one) => one.instanceId !== instanceId);
  // The incident may have the key of another instance by now.
  const next = others.find((one) => !losers.includes(one.instanceId));
  for (const { alias, owner: former } of before) {
    const isClaimed = losers.includes(former.instanceId) && (next === undefined || alias === instanceId);
    const claim = { alias, owner: next ?? { instanceId, origin }, instead: former.instanceId };
    if (isClaimed) await instances.claim(claim);
  }
  if (next !== undefined) return atOwner({ owner: next, read: open, lost: losers }, delivery, instances);
  const ofOwner = await otherRun(owning, own, instances);
  return {
    ...ofOwner,
    delivery,
    known: own,
    excluded: withNamed(ofOwner.excluded, open),
    alsoAs: owner.origin,
  };
}

async function ownersOf(
  aliases: readonly string[],
  instances: Owners,
): Promise<{ readonly alias: string; readonly owner: AliasOwner }[]> {
  const all = [...new Set(aliases)].map(async (alias) => ({ alias, owner: await instances.ownerOf(alias) }));
  return (await Promise.all(all)).flatMap(({ alias, owner }) =>
    owner === undefined ? [] : [{ alias, owner }],
  );
}

/** It ended because its service does not return the incident any more, or must not be read any more. */
function isLost({ origin }: AliasOwner, owning: Instance | undefined): boolean {
  if (owning === undefined || isRunning(owning)) return false;
  const unfinished = owning.status?.unfinished;
  return unfinished === 'gone' || unfinished === 'no-permission' || refusalOf(origin) !== undefined;
}

async function readNow(origin: IncidentOrigin): Promise<Incident | undefined> {
  return (await readIncident(origin).catch(() => undefined))?.incident;
}

const isOver = ({ status }: Incident) => status === 'closed' || status === 'merged';

/** The entity of the key by which Defender knows the incident. */
function aliasOf({ aliases = [] }: Incident, origin: IncidentOrigin): string[] {
  const alias = ownAliasOf(aliases, origin);
  return alias === undefined ? [] : [instanceIdOf(alias)];
}

/** Those that a version names must not decide, whatever becomes of that version. */
function withNamed(excluded: Excluded | undefined, read: Incident | undefined): Excluded | undefined {
  const { involved } = read ?? {};
  return involved === undefined ? excluded : withExcluded(excluded ?? {}, { submitters: [], involved });
}

/** What the instance that handles the incident must know of the one under the other key. */
async function otherRun(
  instance: Instance | undefined,
  handling: Instance | undefined,
  instances: Instances,
): Promise<Pick<Addressed, 'excluded' | 'handedOver'>> {
  const file = instance && (await instances.current(instance)).file;
  if (file === undefined) return {};
  const { submitters = [], involved = NO_INVOLVED } = file;
  const excluded = { submitters, involved };
  const once = handedOverOnce(file);
  if (once === undefined) return { excluded };
  const known = (handling && (await instances.current(handling)).file)?.handedOverFrom ?? [];
  return known.some((one) => knows(one, once)) ? { excluded } : { excluded, handedOver: [once] };
}

/** A case that hands over itself says more. */
function knows(known: HandedOver, { from, effects, once = [] }: HandedOver): boolean {
  const keys = [...known.effects.map(({ key }) => key), ...(known.once ?? [])];
  return (
    known.from.instanceId === from.instanceId &&
    [...effects.map(({ key }) => key), ...once].every((key) => keys.includes(key))
  );
}

/**
 * The instance that handles the incident under the key by which Defender knows it. The message only says where to look: the
 * incident itself must have this key. If it cannot be read now, its own instance waits for that.
 */
async function confirmedOwner(
  { aliases, instanceId, origin }: IncidentDelivery,
  instances: Owners,
): Promise<Other | undefined> {
  const alias = defenderAliasOf(aliases);
  if (alias === undefined) return undefined;
  const owner = await ownerOf(instances, instanceIdOf(alias));
  if (owner === undefined || owner.instanceId === instanceId) return undefined;
  if (ownAliasOf([alias], origin) === undefined) return undefined;
  const read = await readNow(origin);
  return read?.aliases?.includes(alias) ? { owner, read } : undefined;
}

/** Times of two services are not compared: what the delivery says about its version becomes the id of its event. */
function sentTo({ instanceId, origin }: AliasOwner, delivery: IncidentDelivery): IncidentDelivery {
  const { key, deliveryKey, modifiedAt, modifiedTicks: _ticks, ...rest } = delivery;
  const event = deliveryKey ?? modifiedAt;
  return {
    ...rest,
    origin,
    instanceId,
    key: keyOfOrigin(origin),
    ...(event === undefined ? {} : { deliveryKey: `${key} ${event}` }),
  };
}
