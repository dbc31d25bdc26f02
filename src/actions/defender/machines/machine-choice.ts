/** Chooses between several records of Defender that have the same name or id. Pure. */
import { visible } from '../../../domain/visible.js';
import type { Machine } from './machines.js';

/** A device in use sends a full report once a day; Defender calls it inactive after seven days. */
const DAY_MS = 24 * 60 * 60 * 1000;
const STALE_MS = 30 * DAY_MS;

export interface Choice {
  /** The records that may be the device; one: the device. */
  readonly left: readonly Machine[];
  /** Records of a device that no longer exists under them. */
  readonly stale: readonly Machine[];
}

/**
 * The record that is in use, without stale ones. Only a record that was seen before the one in use can be stale; if
 * nothing shows which came first, all are left.
 * @param now in milliseconds since the epoch.
 */
export function chooseMachine(machines: readonly Machine[], now: number): Choice {
  const inUse = machines.filter((machine) => !mayBeStale(machine, now));
  const [only, ...more] = inUse;
  const undecided = { left: machines, stale: [] };
  if (only === undefined || more.length > 0) return undecided;
  const others = machines.filter((machine) => machine !== only);
  return others.every((other) => isOlder(other, only)) ? { left: [only], stale: others } : undecided;
}

/** Whether its device still reports under this record. */
export const isInUse = (machine: Machine, now: number): boolean =>
  !machine.mergedIntoMachineId && !mayBeStale(machine, now);

/** Whether it is in use, and was seen after all these other records. */
export function isLatest(machine: Machine, others: readonly Machine[], now: number): boolean {
  return isInUse(machine, now) && others.every((other) => seenAt(other) < seenAt(machine));
}

function mayBeStale(machine: Machine, now: number): boolean {
  const { isPotentialDuplication, isExcluded } = machine;
  return isSilent(machine, now) || isPotentialDuplication === true || isExcluded === true;
}

const isSilent = (machine: Machine, now: number): boolean =>
  machine.healthStatus === 'Inactive' || now - seenAt(machine) > STALE_MS;

/** A device may be excluded for other reasons than that it no longer exists: then it still reports. */
function isOlder(other: Machine, only: Machine): boolean {
  const gap = other.isExcluded === true && other.isPotentialDuplication !== true ? DAY_MS : 0;
  return seenAt(only) - seenAt(other) > gap;
}

/** NaN if it is unknown: no comparison with it holds. */
const seenAt = ({ lastSeen }: Machine): number => Date.parse(lastSeen ?? '');

/** `9142…, Inactive, last seen 2025-11-02T07:00:00Z`. */
export function machineFacts(machine: Machine): string {
  const { healthStatus, isPotentialDuplication, isExcluded, lastSeen } = machine;
  return [
    machine.id,
    ...(healthStatus ? [visible(healthStatus)] : []),
    ...(isPotentialDuplication === true ? ['marked as a duplicate'] : []),
    ...(isExcluded === true ? ['excluded'] : []),
    ...(lastSeen ? [`last seen ${visible(lastSeen)}`] : []),
  ].join(', ');
}
