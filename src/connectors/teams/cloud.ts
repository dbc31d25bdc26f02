/**
 * The clouds that Teams exists in. A closed list: no address that a token's keys are fetched from, or that the bot's
 * own token is sent to, can be configured.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */

export const TEAMS_CLOUDS = ['public', 'gcc', 'gcc-high', 'dod'] as const;
export type TeamsCloudName = (typeof TEAMS_CLOUDS)[number];

export interface TeamsCloud {
  /** Who signs what reaches the bot. */
  readonly issuer: string;
  readonly metadataUrl: string;
  /** Of the tokens that the bot calls the Bot Connector with. */
  readonly scope: string;
  /** Where posts go before any verified activity has told a better address. */
  readonly defaultServiceUrl: string;
  /** Hosts of the Bot Connector; one that starts with a dot stands for all names below it. */
  readonly serviceHosts: readonly string[];
}

const PUBLIC: TeamsCloud = {
  issuer: 'https://api.botframework.com',
  metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  scope: 'https://api.botframework.com/.default',
  defaultServiceUrl: 'https://smba.trafficmanager.net/teams/',
  serviceHosts: ['smba.trafficmanager.net', '.teams.microsoft.com'],
};
const GOVERNMENT: Omit<TeamsCloud, 'defaultServiceUrl'> = {
  issuer: 'https://api.botframework.us',
  metadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  scope: 'https://api.botframework.us/.default',
  serviceHosts: ['.teams.microsoft.us'],
};

export const teamsClouds: Readonly<Record<TeamsCloudName, TeamsCloud>> = {
  public: PUBLIC,
  gcc: { ...PUBLIC, defaultServiceUrl: 'https://smba.infra.gcc.teams.microsoft.com/teams' },
  'gcc-high': { ...GOVERNMENT, defaultServiceUrl: 'https://smba.infra.gov.teams.microsoft.us/teams' },
  dod: { ...GOVERNMENT, defaultServiceUrl: 'https://smba.infra.dod.teams.microsoft.us/teams' },
};

/** Whether the bot's token may be sent to this address: https, the default port, and a host of the list. */
export function isServiceUrl(text: string, { serviceHosts }: TeamsCloud): boolean {
  // The parser would forgive white space, backslashes and letter case; an address that needs that is not genuine.
  const name = /^https:\/\/([a-z0-9.-]+)(?:\/[\w./-]*)?$/.exec(text)?.[1];
  if (name === undefined || text.includes('..') || !URL.canParse(text)) return false;
  return serviceHosts.some((host) => (host.startsWith('.') ? name.endsWith(host) : name === host));
}
