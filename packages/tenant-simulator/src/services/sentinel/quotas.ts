/** https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
import type { Quota } from '../../quotas.js';
import { RESOURCE_MANAGER } from './host.js';

const quota = (family: string, kind: string, methods: readonly string[], limits: Quota['limits']): Quota => ({
  family,
  host: RESOURCE_MANAGER.name,
  methods,
  path: /^\/subscriptions\//i,
  limits,
  refusal: (afterSeconds) => ({
    code: 'SubscriptionRequestsThrottled',
    message: `Number of '${kind}' requests for subscription exceeded. Please try again after '${afterSeconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    headers: { 'Retry-After': String(afterSeconds) },
  }),
});

/** A POST counts as a write, also one that only reads. */
export const sentinelQuotas: readonly Quota[] = [
  quota('arm-reads', 'read', ['GET'], [{ kind: 'bucket', capacity: 250, perSecond: 25 }]),
  quota('arm-writes', 'write', ['POST', 'PUT', 'PATCH'], [{ kind: 'bucket', capacity: 200, perSecond: 10 }]),
];
