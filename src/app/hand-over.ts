/** Gives what was submitted under one key of an incident to the instance that handles it under another. */
import { ResponderError } from '../domain/errors.js';
import { keyOfOrigin } from '../domain/incident-origin.js';
import { START_NOT_SEALED } from '../orchestrator/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { toResult } from './result.js';
import { sealer } from './sealing.js';
import { EVERY_CASE } from './visible-cases.js';

export const handOverActivity: Pick<ActivityHandlers, 'handOver'> = {
  /** Each update has an id of its own: repeated, it is a duplicate there. */
  handOver: ({ start, instanceId, owner, updates, excluded }, context) =>
    toResult(async () => {
      if (!sealer.open(start, { purpose: 'start', instanceId }).ok) throw notStartedByUs();
      const instances = new IncidentInstances(context, EVERY_CASE);
      const { origin } = owner;
      const key = keyOfOrigin(origin);
      for (const { id, trigger, by } of updates) {
        const delivery = {
          kind: 'incident',
          shape: origin.kind === 'sentinel' ? 'sentinel-rest' : 'graph-incident',
          origin,
          key,
          instanceId: owner.instanceId,
          aliases: [],
          deliveryKey: `handed over: ${id}`,
        } as const;
        const options = { excluded, ...(by === undefined ? {} : { submittedBy: by }) };
        await acceptDelivery(delivery, trigger, instances, options);
      }
      return {};
    }),
};

function notStartedByUs(): ResponderError {
  return new ResponderError({
    code: START_NOT_SEALED,
    message: 'The responder did not start this instance; nothing was handed over.',
    fault: 'caller',
    retry: 'no',
  });
}
