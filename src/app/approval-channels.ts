import type { InvocationContext } from '@azure/functions';
import type { ApprovalChannels } from '../approvals/index.js';
import { teamsChannels } from './teams/channels.js';
import { teamsSetup } from './teams/setup.js';

/**
 * Where requests are shown besides the page and the command line; undefined where nothing is configured.
 * @param context of an activity that has a durable client.
 */
export function approvalChannels(context: InvocationContext): ApprovalChannels | undefined {
  const teams = teamsSetup();
  return teams === undefined ? undefined : teamsChannels(teams, context);
}
