import type { InvocationContext } from '@azure/functions';
import type { ApprovalChannels } from '../approvals/index.js';
import { teamsChannels } from './teams/channels.js';
import { teamsSetup } from './teams/setup.js';
import type { Tenant } from './tenants.js';

/**
 * The channels of a tenant for requests in addition to the page and the command line; undefined if none is configured.
 * @param context of an activity with a durable client.
 */
export function approvalChannels(tenant: Tenant, context: InvocationContext): ApprovalChannels | undefined {
  const teams = teamsSetup(tenant);
  return teams === undefined ? undefined : teamsChannels(teams, context);
}
