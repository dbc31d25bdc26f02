/** The Teams configuration of this app. */
import { createHmac } from 'node:crypto';
import { keyIdOf } from '../../approvals/index.js';
import { createTeams, type Teams } from '../../connectors/teams/index.js';
import { ResponderError } from '../../domain/errors.js';
import { clock } from '../clock.js';
import { services } from '../services.js';
import { connectorConfig, type Tenant, tenants } from '../tenants.js';
import { shownName } from '../visible-cases.js';
import type { CardKey } from './card-token.js';

export interface TeamsSetup extends Teams {
  readonly botId: string;
  /** The tenant of the bot. Activities from other tenants are refused. */
  readonly tenantId: string;
  /** Its name for the cards; undefined: there is only one tenant. */
  readonly tenantName: string | undefined;
  /** Teams' id of each channel that playbooks name. */
  readonly channelIds: Readonly<Record<string, string>>;
  /** The service URL for posts until Teams announces another one. */
  readonly defaultServiceUrl: string;
  /** The first key signs cards; all keys verify. */
  readonly cardKeys: readonly [CardKey, ...CardKey[]];
  /** The responder's address for browsers. */
  readonly publicUrl: string | undefined;
}

const built = new WeakMap<Tenant, TeamsSetup>();

/**
 * Undefined if no bot is configured, and in a replay.
 * @throws ResponderError `configuration` if a required setting is missing.
 */
export function teamsSetup(tenant: Tenant): TeamsSetup | undefined {
  const { signingKeys, publicUrl, recordedExchanges } = services().config;
  const { teams, id: tenantId } = tenant.config;
  // A replay sends nothing to Teams.
  if (teams === undefined || recordedExchanges !== undefined) return undefined;
  const known = built.get(tenant);
  if (known !== undefined) return known;
  const [first, ...others] = signingKeys.map(cardKey);
  if (tenantId === undefined) throw incomplete('AZURE_TENANT_ID');
  if (first === undefined) throw incomplete('APPROVALS_SIGNING_KEYS');
  const { botId, cloud, channelIds } = teams;
  // Recordings do not contain the calls between bot and Teams.
  const { recordedExchanges: _, recordExchangesTo: __, ...connector } = connectorConfig(tenant.config);
  const { client, verifier, defaultServiceUrl } = createTeams({ ...connector, botId, cloud }, { clock });
  const setup: TeamsSetup = {
    client,
    verifier,
    defaultServiceUrl,
    botId,
    tenantId,
    tenantName: shownName(tenantId),
    channelIds,
    cardKeys: [first, ...others],
    publicUrl,
  };
  built.set(tenant, setup);
  return setup;
}

/** The setups of all tenants that have a bot. */
export function teamsSetups(): readonly TeamsSetup[] {
  return tenants().flatMap((tenant) => teamsSetup(tenant) ?? []);
}

/** Cards and messages to instances use different keys, so a signature for one is never valid for the other. */
function cardKey(key: string): CardKey {
  return { id: keyIdOf(key), secret: createHmac('sha256', key).update('approval cards').digest('hex') };
}

function incomplete(setting: string): ResponderError {
  return new ResponderError({
    code: 'configuration',
    message: `TEAMS_BOT_ID is set, but ${setting} is not.`,
    fault: 'caller',
    retry: 'no',
    place: setting,
    next: `Set ${setting}, or remove TEAMS_BOT_ID. docs/teams.md lists the settings for Teams.`,
  });
}
