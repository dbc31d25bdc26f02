/** Gives what was submitted under one key of an incident to the instance that handles it under another. */
import { keyOfOrigin } from '../domain/incident-origin.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
import { toResult } from './result.js';
import { startedOrigin } from './started-origin.js';
import { requireTenant, tenantOf } from './tenants.js';

export const handOverActivity: Pick<ActivityHandlers, 'handOver'> = {
  /** Each update has an id of its own: repeated, it is a duplicate there. */
  handOver: ({ start, instanceId, owner, updates, excluded }, context) =>
    toResult(async () => {
      const tenant = requireTenant(startedOrigin(start, instanceId));
      const { origin } = owner;
      if (tenantOf(origin) !== tenant) throw new Error('The owner of the alias is of another tenant.');
      const instances = new IncidentInstances(context);
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
