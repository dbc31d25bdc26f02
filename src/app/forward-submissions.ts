/** Gives what was submitted under one key of an incident to the instance that handles it under another. */
import type { ActivityHandlers } from './activity-handlers.js';
import { deliveryTo } from './hand-over-case.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { toResult } from './result.js';
import { refuseUnlessStarted } from './started-by-us.js';

export const forwardSubmissionsActivity: Pick<ActivityHandlers, 'forwardSubmissions'> = {
  /** Each update has an id of its own: repeated, it is a duplicate there. */
  forwardSubmissions: ({ start, instanceId, origin: alsoAs, owner, updates, excluded }, context) =>
    toResult(async () => {
      refuseUnlessStarted(start, instanceId);
      const instances = new IncidentInstances(context);
      for (const { id, trigger, by, handedOver } of updates) {
        const delivery = deliveryTo(owner.origin, `handed over: ${id}`);
        const options = {
          excluded,
          alsoAs,
          ...(by === undefined ? {} : { submittedBy: by }),
          ...(handedOver === undefined ? {} : { handedOver }),
        };
        await acceptDelivery(delivery, trigger, instances, options);
      }
      return {};
    }),
};
