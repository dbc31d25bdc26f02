/** The intake that all triggers share: an incident is handled once, whichever triggers deliver it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CaseFile } from '../domain/case-file.js';
import { ResponderError } from '../domain/errors.js';
import type { HandedOver } from '../domain/handed-over.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { type Involved, NO_INVOLVED } from '../domain/involved.js';
import { hasHandled } from '../domain/merge.js';
import type { Submission } from '../domain/submission.js';
import { type Excluded, withExcluded } from '../domain/update.js';
import { visible } from '../domain/visible.js';
import type { IncidentDelivery } from '../intake/index.js';
import type { HandleIncidentInput } from '../orchestrator/index.js';
import { addressed } from './aliases.js';
import { clock } from './clock.js';
import { compareIncident } from './compare-incident.js';
import { type CurrentRun, deliveryIdOf, type Meaning, meaningOf } from './deliver-again.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
import { newsOfPeople, submissionOf } from './news-of-people.js';
import { isOutdated, isRunning, sendUpdate } from './run-end.js';

export type IntakeTrigger = HandleIncidentInput['trigger'];
export interface Intake {
  /**
   * `updated`: the running instance reads the incident again. `restarted`: the next run of the incident begins.
   * `duplicate`: nothing new.
   */
  readonly kind: 'accepted' | 'updated' | 'restarted' | 'duplicate';
  readonly instanceId: string;
  readonly incidentKey: string;
}

/** Real milliseconds between attempts to start. A throw would cause immediate redelivery of the message. */
const PAUSES = [250, 1_000, 3_000];

export interface IntakeOptions {
  /** The authenticated submitter, if any. A person who submits an incident cannot decide about it. */
  readonly submittedBy?: NonNullable<Submission['by']>;
  /** The tenant of the submitter, with several tenants: an incident of another one is refused as if it were not configured. */
  readonly submitterTenant?: string;
  /** As an instance of the same incident under another key knows. */
  readonly excluded?: Excluded;
  readonly pauses?: readonly number[];
  /** The case of an incident that was merged into this one hands this over. It begins the next run of one that has ended. */
  readonly handedOver?: readonly HandedOver[];
  /** Where another instance reads the same incident. */
  readonly alsoAs?: IncidentOrigin;
}

export type IntakeInstances = Pick<
  IncidentInstances,
  'find' | 'start' | 'update' | 'current' | 'noteOver' | 'noteExcluded' | 'ownerOf' | 'claim'
>;

/**
 * Starts the handling of a delivered incident, with an instance id derived from the incident's key, unless another instance
 * handles the same incident under another key. A running instance gets an update. After the end, the next run begins if the
 * end was not final, or if the incident has changed since. An instance that the app did not start is replaced.
 * @throws ResponderError `not-accepted` if the durable extension is still unavailable after several attempts.
 */
export async function acceptDelivery(
  received: IncidentDelivery,
  trigger: IntakeTrigger,
  instances: IntakeInstances,
  { submittedBy, excluded, pauses = PAUSES, handedOver, alsoAs }: IntakeOptions = {},
): Promise<Intake> {
  const receivedAt = new Date(clock.now()).toISOString();
  const withoutId = crypto.randomUUID();
  const submission = { trigger, ...(submittedBy === undefined ? {} : { by: submittedBy }) };
  let wasUpdated = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const { delivery, known, ...found } = await addressed(received, instances);
      const isLast = pauses[attempt] === undefined;
      const isHandedOver = handedOver !== undefined;
      const how = { instances, isLast, isHandedOver };
      const meant = await meaningFor(delivery, submission, known, how);
      const { involved, current } = meant;
      const isRepeated = meant.next === 'duplicate';
      const meaning = isRepeated && found.handedOver !== undefined ? withDone(known) : meant.next;
      const all = [excluded ?? found.excluded ?? [], involved ? { submitters: [], involved } : []].flat();
      const elsewhere = all.length === 0 ? undefined : all.reduce<Excluded>(withExcluded, NONE);
      const other = alsoAs ?? found.alsoAs;
      const given = [...(handedOver ?? []), ...(found.handedOver ?? [])];
      const more = {
        ...(given.length === 0 ? {} : { handedOver: given }),
        ...(elsewhere === undefined ? {} : { excluded: elsewhere }),
        ...(other === undefined ? {} : { alsoAs: other }),
      };
      const { instanceId, key: incidentKey, origin, title, severity } = delivery;
      const result = (kind: Intake['kind']): Intake => ({ kind, instanceId, incidentKey });
      const id = deliveryIdOf(delivery);
      const person = submissionOf(submittedBy, id ?? withoutId);
      const input: HandleIncidentInput = {
        incidentKey,
        origin,
        trigger,
        receivedAt,
        ...(title === undefined ? {} : { title: visible(title) }),
        ...(severity === undefined ? {} : { severity }),
        ...(submittedBy === undefined ? {} : { submittedBy }),
        ...(id === undefined ? {} : { deliveries: [id, ...(person === undefined ? [] : [person.id])] }),
        ...more,
      };
      if (meaning === 'duplicate') {
        const news = current && newsOfPeople(person, elsewhere, current);
        if (news !== undefined && known !== undefined && isRunning(known)) {
          const noted = {
            kind: 'update',
            id: person?.id ?? withoutId,
            ...submission,
            excluded: news,
          } as const;
          if (!(await sendUpdate(instances, known, noted))) throw new Error(ENDED_MEANWHILE);
        } else if (news !== undefined) await instances.noteExcluded(known, news);
        return result(wasUpdated ? 'updated' : 'duplicate');
      }
      if (meaning !== 'update' && meaning !== 'again') {
        await instances.start(
          instanceId,
          meaning === 'restart-if-changed' ? { ...input, onlyIfChanged: true } : input,
        );
        return result(meaning === 'start' ? 'accepted' : 'restarted');
      }
      wasUpdated = true;
      const update = {
        kind: meaning,
        id: isRepeated ? withoutId : (id ?? withoutId),
        ...submission,
        ...more,
      };
      if (await sendUpdate(instances, known as Instance, update)) return result('updated');
      throw new Error(ENDED_MEANWHILE);
    } catch (error) {
      // Another trigger may have started the instance meanwhile, or it has ended: the next attempt finds it so.
      const wait = pauses[attempt];
      if (wait === undefined) throw laterUnlessKnown(error);
      await pause(wait);
    }
  }
}

/** An activity that accepts a delivery repeats it: the task hub may be unavailable for minutes. */
function laterUnlessKnown(error: unknown): ResponderError {
  if (error instanceof ResponderError) return error;
  const message = `The delivery could not be accepted: ${error instanceof Error ? error.message : 'no reason given'}`;
  return new ResponderError({ code: 'not-accepted', message, fault: 'service', retry: 'later' });
}

/** What was done under another key is new to the case, even if the delivery is not. An end remains as it is. */
const withDone = (known: Instance | undefined): Next =>
  known !== undefined && isRunning(known) ? 'update' : 'restart-if-changed';

const ENDED_MEANWHILE = 'The run has ended, perhaps before it received the update.';

const NONE: Excluded = { submitters: [], involved: NO_INVOLVED };

type Next = Exclude<Meaning, 'compare'> | 'start' | 'restart' | 'restart-if-changed';
/** `involved`: who the incident names, if it was read. */
interface Meant {
  readonly next: Next;
  readonly involved?: Involved | undefined;
  /** The run that the delivery is about, if it brings nothing new to it. */
  readonly current?: CurrentRun;
}

interface How {
  readonly instances: IntakeInstances;
  readonly isLast: boolean;
  readonly isHandedOver: boolean;
}

async function meaningFor(
  delivery: IncidentDelivery,
  { trigger, by }: Submission,
  known: Instance | undefined,
  { instances, isLast, isHandedOver }: How,
): Promise<Meant> {
  if (known === undefined || known.notOurs) return { next: 'start' };
  const current = await instances.current(known);
  // If they are still not stored at the last attempt, the case file is used as it is: no delivery may be kept back by it.
  if (!isLast && isOutdated(known, current))
    throw new Error('The last updates of the case file are not stored yet.');
  const isPerson = by?.kind === 'person';
  const receipt = { delivery, isCall: trigger === 'http', isPerson, now: clock.now() };
  const meaning = meaningOf(receipt, current, isRunning(known));
  if (meaning === 'again' && !isRunning(known)) return { next: 'restart' };
  if (meaning !== 'compare') return { next: meaning, current };
  const { file } = current;
  if (isHandedOver || file === undefined) return { next: 'restart' };
  return { ...(await afterEnd(file, instances)), current };
}

/** The incident as it is now decides about a run that is over. */
async function afterEnd(file: CaseFile, instances: IntakeInstances): Promise<Meant> {
  const compared = await compareIncident(file);
  const { involved } = compared;
  // A run of its own hands over what the runs before have asked and done.
  if (compared.state === 'over' && compared.status === 'merged' && hasHandled(file))
    return { next: 'restart', involved };
  if (compared.state === 'over') await instances.noteOver(file, compared);
  // The event of the responder's own comment must not begin a run that cannot read the incident either.
  if (compared.state === 'unknown')
    return { next: file.unfinished || !file.outcome ? 'duplicate' : 'restart-if-changed', involved };
  return { next: compared.state === 'changed' ? 'restart' : 'duplicate', involved };
}
