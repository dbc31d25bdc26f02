/** What all triggers do with a body: they recognise its deliveries and accept each one that is about an incident or an alert. */
import type { InvocationContext } from '@azure/functions';
import { NO_INVOLVED } from '../domain/involved.js';
import type { Submission } from '../domain/submission.js';
import { type Delivery, type RejectedDelivery, recogniseDeliveries } from '../intake/index.js';
import { type AlertIntake, AlertLookups } from './alerts/alert-lookups.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery, type Intake, type IntakeOptions, type IntakeTrigger } from './intake.js';
import { resolveDelivery } from './resolve-delivery.js';
import { EVERY_CASE } from './visible-cases.js';

/** What became of one item of a body. */
export type Received = Intake | AlertIntake | RejectedDelivery;

export interface BodyOptions extends IntakeOptions {
  readonly messageId?: string | undefined;
  /** More people who have submitted the same body. */
  readonly alsoSubmittedBy?: readonly NonNullable<Submission['by']>[];
}

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
  context: InvocationContext,
  options: BodyOptions = {},
): Promise<readonly [Received, ...Received[]]> {
  const instances = new IncidentInstances(context, EVERY_CASE);
  const alerts = new AlertLookups(context);
  const { messageId, submittedBy, submitterTenant, alsoSubmittedBy = [] } = options;
  const submitters = alsoSubmittedBy.map(({ id }) => id);
  const excluded = submitters.length === 0 ? {} : { excluded: { submitters, involved: NO_INVOLVED } };
  const received: Received[] = [];
  const failures: unknown[] = [];
  const receive = async (recognised: Delivery): Promise<Received> => {
    const delivery = resolveDelivery(recognised, options.submitterTenant);
    if (delivery.kind === 'rejected') return delivery;
    if (delivery.kind === 'alert') {
      const content = Object.hasOwn(delivery, 'item') ? delivery.item : body;
      const { alert, shape } = delivery;
      const received = { alert, shape, trigger, submitterTenant, content, messageId };
      // The look-up of each has its submitter.
      for (const by of alsoSubmittedBy) await alerts.start({ ...received, by });
      return alerts.start({ ...received, by: submittedBy });
    }
    // After a failure the sender repeats the body: one attempt is enough.
    const how = { ...options, ...excluded, ...(failures.length === 0 ? {} : { pauses: [] }) };
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
