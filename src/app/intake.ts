/** The one way in: whatever door a delivery comes through, the same incident is handled once. */
import { setTimeout as pause } from 'node:timers/promises';
import type { HandedIn } from '../domain/handed-in.js';
import { type RejectedDelivery, recogniseDelivery } from '../intake/index.js';
import type { HandleIncidentInput } from '../orchestrator/index.js';
import { clock } from './clock.js';
import type { Instances } from './durable-client.js';

export type Door = HandleIncidentInput['door'];
export type Intake =
  | {
      readonly kind: 'accepted' | 'duplicate';
      readonly instanceId: string;
      readonly incidentKey: string;
    }
  | RejectedDelivery;

/** Real milliseconds between the tries to start: a throw would have the message redelivered at once. */
const PAUSES = [250, 1_000, 3_000];

export interface IntakeOptions {
  /** Who signed the call, where somebody did: where it is a person, somebody else must decide. */
  readonly handedInBy?: NonNullable<HandedIn['by']>;
  readonly pauses?: readonly number[];
}

/**
 * Starts the handling of a delivered incident, under an id that follows from the incident's key. An id that exists
 * in any state is a duplicate: the host would replace a finished instance. One that no door has started is replaced.
 * @throws Error when the host could not be asked, after some tries.
 */
export async function acceptDelivery(
  body: unknown,
  door: Door,
  instances: Pick<Instances, 'find' | 'start'>,
  { handedInBy, pauses = PAUSES }: IntakeOptions = {},
): Promise<Intake> {
  const delivery = recogniseDelivery(body);
  if (delivery.kind === 'rejected') return delivery;
  const { instanceId, key: incidentKey, armId } = delivery;
  const input: HandleIncidentInput = {
    incidentKey,
    armId,
    door,
    receivedAt: new Date(clock.now()).toISOString(),
    ...(handedInBy === undefined ? {} : { handedInBy }),
  };
  for (let attempt = 0; ; attempt++) {
    try {
      const known = await instances.find(instanceId);
      if (known !== undefined && !known.notOurs) return { kind: 'duplicate', instanceId, incidentKey };
      await instances.start(instanceId, input);
      return { kind: 'accepted', instanceId, incidentKey };
    } catch (error) {
      // Another door may have been faster: the next look tells.
      const wait = pauses[attempt];
      if (wait === undefined) throw error;
      await pause(wait);
    }
  }
}
