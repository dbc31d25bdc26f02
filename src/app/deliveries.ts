/** What all triggers do with a body: they recognise its deliveries and accept each one that is about an incident. */
import { type Delivery, type RejectedDelivery, recogniseDeliveries } from '../intake/index.js';
import {
  acceptDelivery,
  type Intake,
  type IntakeInstances,
  type IntakeOptions,
  type IntakeTrigger,
} from './intake.js';
import { inScope } from './workspaces.js';

/** What became of one item of a body. */
export type Received = Intake | RejectedDelivery;

/** The number of items of one body that are accepted at the same time. */
const AT_ONCE = 8;

/**
 * Recognises the deliveries of a body and accepts them. Returns one result for each item, in the order of the body.
 * An item that cannot be accepted does not keep back the others.
 * @throws Error in the end if one cannot be accepted. The sender repeats the body then: accepted items are duplicates.
 */
export async function receiveBody(
  body: unknown,
  trigger: IntakeTrigger,
  instances: IntakeInstances,
  options: IntakeOptions = {},
): Promise<readonly [Received, ...Received[]]> {
  const received: Received[] = [];
  const failures: unknown[] = [];
  const receive = async (recognised: Delivery): Promise<Received> => {
    const delivery =
      recognised.kind === 'incident' ? inScope(recognised, options.submitterTenant) : recognised;
    if (delivery.kind === 'rejected') return delivery;
    // After a failure the sender repeats the body: one attempt is enough.
    const how = failures.length === 0 ? options : { ...options, pauses: [] };
    return acceptDelivery(delivery, trigger, instances, how);
  };
  const [first, ...others] = recogniseDeliveries(body);
  for (const some of [[first], ...inGroups(others)]) {
    for (const result of await Promise.allSettled(some.map(receive))) {
      if (result.status === 'fulfilled') received.push(result.value);
      else failures.push(result.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
  return received as [Received, ...Received[]];
}

function inGroups(deliveries: readonly Delivery[]): Delivery[][] {
  const groups = Math.ceil(deliveries.length / AT_ONCE);
  return Array.from({ length: groups }, (_, n) => deliveries.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
}
