/**
 * Finds the instance that handles an incident, whichever of its keys a delivery or a person names. What a message says about
 * other keys is believed only if the service that owns the incident says so, too.
 */
import type { AliasOwner } from '../domain/alias.js';
import { keyOfOrigin } from '../domain/incident-origin.js';
import { defenderAliasOf, type IncidentDelivery, instanceIdOf } from '../intake/index.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
import { readIncident } from './read-incident.js';
import { isRunning } from './run-end.js';

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
}

/** Addresses a delivery to the instance that handles its incident. */
export async function addressed(
  delivery: IncidentDelivery,
  instances: Pick<IncidentInstances, 'find' | 'ownerOf' | 'claim'>,
): Promise<Addressed> {
  const owner = await ownerElsewhere(instances, delivery.instanceId);
  if (owner !== undefined)
    return { delivery: sentTo(owner, delivery), known: await instances.find(owner.instanceId) };
  const known = await instances.find(delivery.instanceId);
  // A running instance claims the incident's keys itself.
  if (known !== undefined && isRunning(known)) return { delivery, known };
  const other = await confirmedOwner(delivery, instances);
  if (other === undefined) return { delivery, known };
  await instances.claim({ alias: delivery.instanceId, owner: other });
  return { delivery: sentTo(other, delivery), known: await instances.find(other.instanceId) };
}

/**
 * The instance that handles the incident under the key by which Defender knows it. The message only says where to look: the
 * incident itself must have this key. If it cannot be read now, its own instance waits for that.
 */
async function confirmedOwner(
  { aliases, instanceId, origin }: IncidentDelivery,
  instances: Owners,
): Promise<AliasOwner | undefined> {
  const alias = defenderAliasOf(aliases);
  if (alias === undefined) return undefined;
  const owner = await ownerOf(instances, instanceIdOf(alias));
  if (owner === undefined || owner.instanceId === instanceId) return undefined;
  const read = await readIncident(origin).catch(() => undefined);
  return read?.incident.aliases?.includes(alias) ? owner : undefined;
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
