import type { InvocationContext } from '@azure/functions';
import type { ApprovalChannels } from '../approvals/index.js';
import { teamsChannels } from './teams/channels.js';
import { teamsSetup } from './teams/setup.js';

/**
 * The channels for requests in addition to the page and the command line; undefined if none is configured.
 * @param context of an activity with a durable client.
 */
export function approvalChannels(context: InvocationContext): ApprovalChannels | undefined {
  const teams = teamsSetup();
  return teams === undefined ? undefined : teamsChannels(teams, context);
}
