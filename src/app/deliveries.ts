/** What all triggers do with a body: they recognise its deliveries and accept each one that is about an incident. */
import { type Delivery, type RejectedDelivery, recogniseDeliveries } from '../intake/index.js';
import {
  acceptDelivery,
  type Intake,
  type IntakeInstances,
  type IntakeOptions,
  type IntakeTrigger,
} from './intake.js';

import { inKnownWorkspace } from './workspaces.js';

/** What became of one item of a body. */
export type Received = Intake | RejectedDelivery;

/** The number of items of one body that are accepted at the same time. */
const AT_ONCE = 8;

/**
 * Recognises the deliveries of a body and accepts them. Returns one result for each item, in the order of the body.
 * @throws Error if the durable extension is unavailable. The sender repeats the body then: accepted items are duplicates.
 */
export async function receiveBody(
  body: unknown,
  trigger: IntakeTrigger,
  instances: IntakeInstances,
  options: IntakeOptions = {},
): Promise<readonly [Received, ...Received[]]> {
  const deliveries = recogniseDeliveries(body);
  const receive = (recognised: Delivery): Received | Promise<Intake> => {
    const delivery = recognised.kind === 'incident' ? inKnownWorkspace(recognised) : recognised;
    return delivery.kind === 'rejected' ? delivery : acceptDelivery(delivery, trigger, instances, options);
  };
  const [first, ...others] = deliveries;
  const received: [Received, ...Received[]] = [await receive(first)];
  for (let at = 0; at < others.length; at += AT_ONCE) {
    received.push(...(await Promise.all(others.slice(at, at + AT_ONCE).map(receive))));
  }
  return received;
}
