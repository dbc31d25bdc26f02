/** Teams as this app is set up for it. */
import { createHmac } from 'node:crypto';
import type { CardKey } from '../../approvals/card/index.js';
import { keyIdOf } from '../../approvals/index.js';
import { createTeams, type Teams } from '../../connectors/teams/index.js';
import { ResponderError } from '../../domain/errors.js';
import { clock } from '../clock.js';
import { composition, connectorConfig } from '../composition.js';

export interface TeamsSetup extends Teams {
  readonly botId: string;
  /** The home tenant: nobody from elsewhere is listened to. */
  readonly tenantId: string;
  /** Teams' id of each channel that playbooks name. */
  readonly channelIds: Readonly<Record<string, string>>;
  /** Where posts go as long as Teams has told no better address. */
  readonly defaultServiceUrl: string;
  /** The first signs cards; all of them are believed. */
  readonly cardKeys: readonly [CardKey, ...CardKey[]];
  /** Address of the responder as people's browsers reach it. */
  readonly publicUrl: string | undefined;
}

let built: TeamsSetup | undefined;

/**
 * Undefined where no bot is configured, and in a replay.
 * @throws ResponderError `configuration` where the settings do not go together.
 */
export function teamsSetup(): TeamsSetup | undefined {
  const { config } = composition();
  const { teams, tenantId, signingKeys, publicUrl } = config;
  // A replay speaks to nobody.
  if (teams === undefined || config.recordedExchanges !== undefined) return undefined;
  if (built !== undefined) return built;
  const [first, ...others] = signingKeys.map(cardKey);
  if (tenantId === undefined) throw incomplete('AZURE_TENANT_ID');
  if (first === undefined) throw incomplete('APPROVALS_SIGNING_KEYS');
  const { botId, cloud, channelIds } = teams;
  // What passes between the bot and Teams is not part of a recording.
  const { recordedExchanges: _, recordExchangesTo: __, ...connector } = connectorConfig(config);
  const { client, verifier, defaultServiceUrl } = createTeams({ ...connector, botId, cloud }, { clock });
  built = {
    client,
    verifier,
    defaultServiceUrl,
    botId,
    tenantId: tenantId.toLowerCase(),
    channelIds,
    cardKeys: [first, ...others],
    publicUrl,
  };
  return built;
}

/** Cards and messages to instances are signed by different keys, so that neither can stand for the other. */
function cardKey(key: string): CardKey {
  return { id: keyIdOf(key), secret: createHmac('sha256', key).update('approval cards').digest('hex') };
}

function incomplete(setting: string): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: `TEAMS_BOT_ID is set and ${setting} is not.`,
    blame: 'caller',
    retry: 'no',
    place: setting,
    next: `Set ${setting}, or take TEAMS_BOT_ID away. docs/teams.md lists what Teams needs.`,
  });
}
