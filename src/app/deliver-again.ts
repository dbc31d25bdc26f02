/** What a delivery means for an incident that is being handled, or was handled before. Pure. */
import { createHash } from 'node:crypto';
import type { CaseFile } from '../domain/case-file.js';
import type { IncidentDelivery } from '../intake/index.js';

/** A service may report a change of the incident this long after the responder's own comment changed it. */
const SKEW_MS = 60_000;
/** Without a time in the delivery, an event within this time after the end may report the responder's own comment. */
const ECHO_MS = 10 * 60_000;
/** HTTP clients repeat a call whose answer they did not get. Later, the same body is a new request. */
const REPEATED_MS = 60_000;

/**
 * `duplicate`: nothing to do. `update`: the running instance reads the incident again. `again`: it also proposes again what
 * is unfinished; a run that is over is followed by the next one. `compare`: the run is over, and its end is final, or the
 * event may report its own comment: the next one begins if the incident has changed.
 */
export type Meaning = 'duplicate' | 'update' | 'again' | 'compare';

export interface Receipt {
  readonly delivery: IncidentDelivery;
  /** Someone sends the body by a call of their own: no service repeats it later. */
  readonly isCall: boolean;
  /** An authenticated person sends it. */
  readonly isPerson: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface CurrentRun {
  readonly file: CaseFile | undefined;
  /** Ids of the deliveries that it has taken. */
  readonly deliveries: readonly string[];
}

/** Id of a delivery for the case file: the sender's id, or the time of the change. Undefined: it has neither. */
export function deliveryIdOf({ key, deliveryKey, modifiedAt }: IncidentDelivery): string | undefined {
  const id = deliveryKey ?? modifiedAt;
  return id === undefined
    ? undefined
    : createHash('sha256').update(`${key} ${id}`).digest('hex').slice(0, 16);
}

/**
 * @param current the current or last run; its case file may not be written yet
 * @param isRunning the instance can receive messages
 */
export function meaningOf(receipt: Receipt, { file, deliveries }: CurrentRun, isRunning: boolean): Meaning {
  const id = deliveryIdOf(receipt.delivery);
  const isSeen = id !== undefined && deliveries.includes(id);
  if (file === undefined && !isRunning) return 'again';
  if (file === undefined) return isSeen ? 'duplicate' : 'update';
  if (mayGoOn(file, isRunning)) {
    if (isSeen) return isMeant(receipt, file) ? 'again' : 'duplicate';
    if (!isEcho(receipt, file)) return 'again';
  } else if (isSeen || isKnownVersion(receipt, file)) return 'duplicate';
  return isRunning ? 'update' : 'compare';
}

/** A run that failed, or was terminated, may have no outcome, and has no end. */
function mayGoOn({ unfinished, outcome, stage }: CaseFile, isRunning: boolean): boolean {
  return isRunning ? unfinished !== undefined && stage === 'ended' : unfinished !== undefined || !outcome;
}

/** Without an id of its own, a delivery is about the version that it names. An older version is nothing new either. */
function isKnownVersion({ delivery: { deliveryKey, modifiedAt } }: Receipt, file: CaseFile): boolean {
  if (deliveryKey !== undefined || modifiedAt === undefined || file.stage === 'reading') return false;
  return file.modifiedAt !== undefined && modifiedAt <= file.modifiedAt;
}

/** The same body once more: a repetition by a service or a client, or a person who wants another attempt. */
function isMeant({ isCall, isPerson, now }: Receipt, { endedAt }: CaseFile): boolean {
  const isLater = endedAt === undefined || now - Date.parse(endedAt) >= REPEATED_MS;
  return isPerson || (isCall && isLater);
}

/** Whether the event reports that the responder itself wrote its comment. It must not begin a run, which would comment again. */
function isEcho({ delivery, isPerson, now }: Receipt, file: CaseFile): boolean {
  const { modifiedAt, endedAt } = file;
  const commentedAt = commentTimeOf(file);
  if (commentedAt === undefined || isPerson) return false;
  if (delivery.modifiedAt === undefined) return now - Date.parse(endedAt ?? commentedAt) < ECHO_MS;
  const changedAt = Date.parse(delivery.modifiedAt);
  const isNewer = modifiedAt === undefined || changedAt > Date.parse(modifiedAt);
  return isNewer && changedAt <= Date.parse(commentedAt) + SKEW_MS;
}

/** The comment is recorded with the entry that follows it. A run without an outcome may have written it after its last one. */
function commentTimeOf({ comment, outcome, timeline }: CaseFile): string | undefined {
  return outcome === undefined ? timeline.at(-1)?.at : comment?.at;
}
