/** The intake that all triggers share: an incident is handled once, whichever triggers deliver it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { HandedOver } from '../domain/handed-over.js';
import type { Submission } from '../domain/submission.js';
import type { Excluded } from '../domain/update.js';
import { visible } from '../domain/visible.js';
import type { IncidentDelivery } from '../intake/index.js';
import type { HandleIncidentInput } from '../orchestrator/index.js';
import { addressed } from './aliases.js';
import { clock } from './clock.js';
import { compareIncident } from './compare-incident.js';
import { deliveryIdOf, type Meaning, meaningOf } from './deliver-again.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
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
}

export type IntakeInstances = Pick<
  IncidentInstances,
  'find' | 'start' | 'update' | 'current' | 'noteOver' | 'noteExcluded' | 'ownerOf' | 'claim'
>;

/**
 * Starts the handling of a delivered incident, with an instance id derived from the incident's key, unless another instance
 * handles the same incident under another key. A running instance gets an update. After the end, the next run begins if the
 * end was not final, or if the incident has changed since. An instance that the app did not start is replaced.
 * @throws Error if the durable extension is still unavailable after several attempts.
 */
export async function acceptDelivery(
  received: IncidentDelivery,
  trigger: IntakeTrigger,
  instances: IntakeInstances,
  { submittedBy, excluded, pauses = PAUSES, handedOver }: IntakeOptions = {},
): Promise<Intake> {
  const receivedAt = new Date(clock.now()).toISOString();
  const withoutId = crypto.randomUUID();
  const submission = { trigger, ...(submittedBy === undefined ? {} : { by: submittedBy }) };
  let wasUpdated = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const { delivery, known, ...found } = await addressed(received, instances);
      const elsewhere = excluded ?? found.excluded;
      const more = {
        ...(handedOver === undefined ? {} : { handedOver: [...handedOver] }),
        ...(elsewhere === undefined ? {} : { excluded: elsewhere }),
      };
      const { instanceId, key: incidentKey, origin, title, severity } = delivery;
      const result = (kind: Intake['kind']): Intake => ({ kind, instanceId, incidentKey });
      const id = deliveryIdOf(delivery);
      const input: HandleIncidentInput = {
        incidentKey,
        origin,
        trigger,
        receivedAt,
        ...(title === undefined ? {} : { title: visible(title) }),
        ...(severity === undefined ? {} : { severity }),
        ...(submittedBy === undefined ? {} : { submittedBy }),
        ...(id === undefined ? {} : { deliveries: [id] }),
        ...more,
      };
      const isLast = pauses[attempt] === undefined;
      const meaning = await meaningFor(delivery, submission, known, {
        instances,
        isLast,
        isHandedOver: handedOver !== undefined,
      });
      if (meaning === 'duplicate') {
        if (elsewhere !== undefined) await instances.noteExcluded(known, elsewhere);
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
      const update = { kind: meaning, id: id ?? withoutId, ...submission, ...more };
      if (await sendUpdate(instances, known as Instance, update)) return result('updated');
      throw new Error('The run has ended, perhaps before it received the update.');
    } catch (error) {
      // Another trigger may have started the instance meanwhile, or it has ended: the next attempt finds it so.
      const wait = pauses[attempt];
      if (wait === undefined) throw error;
      await pause(wait);
    }
  }
}

type Next = Exclude<Meaning, 'compare'> | 'start' | 'restart' | 'restart-if-changed';

async function meaningFor(
  delivery: IncidentDelivery,
  { trigger, by }: Submission,
  known: Instance | undefined,
  {
    instances,
    isLast,
    isHandedOver,
  }: { readonly instances: IntakeInstances; readonly isLast: boolean; readonly isHandedOver: boolean },
): Promise<Next> {
  if (known === undefined || known.notOurs) return 'start';
  const current = await instances.current(known);
  // If they are still not stored at the last attempt, the case file is used as it is: no delivery may be kept back by it.
  if (!isLast && isOutdated(known, current))
    throw new Error('The last updates of the case file are not stored yet.');
  const isPerson = by?.kind === 'person';
  const receipt = { delivery, isCall: trigger === 'http', isPerson, now: clock.now() };
  const meaning = meaningOf(receipt, current, isRunning(known));
  if (meaning === 'again' && !isRunning(known)) return 'restart';
  if (meaning === 'compare' && isHandedOver) return 'restart';
  if (meaning !== 'compare' || current.file === undefined) return meaning === 'compare' ? 'restart' : meaning;
  const { file } = current;
  const compared = await compareIncident(file);
  if (compared.state === 'over') await instances.noteOver(file, compared);
  // The event of the responder's own comment must not begin a run that cannot read the incident either.
  if (compared.state === 'unknown') {
    return file.unfinished || !file.outcome ? 'duplicate' : 'restart-if-changed';
  }
  return compared.state === 'changed' ? 'restart' : 'duplicate';
}
