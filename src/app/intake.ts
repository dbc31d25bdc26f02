/** The intake that all triggers share: an incident is handled once, whichever triggers deliver it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Submission } from '../domain/submission.js';
import { visible } from '../domain/visible.js';
import type { IncidentDelivery } from '../intake/index.js';
import type { HandleIncidentInput } from '../orchestrator/index.js';
import { clock } from './clock.js';
import type { IncidentInstances } from './incident-instances.js';

export type IntakeTrigger = HandleIncidentInput['trigger'];
export interface Intake {
  readonly kind: 'accepted' | 'updated' | 'restarted' | 'duplicate';
  readonly instanceId: string;
  readonly incidentKey: string;
}

/** Real milliseconds between attempts to start. A throw would cause immediate redelivery of the message. */
const PAUSES = [250, 1_000, 3_000];

export interface IntakeOptions {
  /** The authenticated submitter, if any. A person who submits an incident cannot decide about it. */
  readonly submittedBy?: NonNullable<Submission['by']>;
  readonly pauses?: readonly number[];
}

/**
 * Starts the handling of a delivered incident, with an instance id derived from the incident's key. An existing instance
 * in any state makes the delivery a duplicate, because the host would replace a finished instance. An instance that the
 * app did not start is replaced.
 * @throws Error if the durable extension is still unavailable after several attempts.
 */
export async function acceptDelivery(
  { instanceId, key: incidentKey, armId, title }: IncidentDelivery,
  trigger: IntakeTrigger,
  instances: Pick<IncidentInstances, 'find' | 'start'>,
  { submittedBy, pauses = PAUSES }: IntakeOptions = {},
): Promise<Intake> {
  const input: HandleIncidentInput = {
    incidentKey,
    armId,
    trigger,
    receivedAt: new Date(clock.now()).toISOString(),
    ...(title === undefined ? {} : { title: visible(title) }),
    ...(submittedBy === undefined ? {} : { submittedBy }),
  };
  for (let attempt = 0; ; attempt++) {
    try {
      const known = await instances.find(instanceId);
      if (known !== undefined && !known.notOurs) return { kind: 'duplicate', instanceId, incidentKey };
      await instances.start(instanceId, input);
      return { kind: 'accepted', instanceId, incidentKey };
    } catch (error) {
      // Another trigger may have started the instance meanwhile: the next attempt finds it.
      const wait = pauses[attempt];
      if (wait === undefined) throw error;
      await pause(wait);
    }
  }
}
