/** Gives what was submitted under one key of an incident to the instance that handles it under another. */
import type { ActivityHandlers } from './activity-handlers.js';
import { deliveryTo } from './hand-over-case.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { toResult } from './result.js';
import { startedOrigin } from './started-origin.js';
import { requireTenant, tenantOf } from './tenants.js';
import { EVERY_CASE } from './visible-cases.js';

export const forwardSubmissionsActivity: Pick<ActivityHandlers, 'forwardSubmissions'> = {
  /** Each update has an id of its own: repeated, it is a duplicate there. */
  forwardSubmissions: ({ start, instanceId, owner, updates, excluded }, context) =>
    toResult(async () => {
      const alsoAs = startedOrigin(start, instanceId);
      if (tenantOf(owner.origin) !== requireTenant(alsoAs))
        throw new Error('The owner of the alias is of another tenant.');
      const instances = new IncidentInstances(context, EVERY_CASE);
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
