/**
 * The clouds of Teams. A closed list: the addresses that provide the keys of tokens, or receive the bot's own token, cannot
 * be configured.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */

export const TEAMS_CLOUDS = ['public', 'gcc', 'gcc-high', 'dod'] as const;
export type TeamsCloudName = (typeof TEAMS_CLOUDS)[number];

export interface TeamsCloud {
  /** Issuer of the tokens of activities to the bot. */
  readonly issuer: string;
  readonly metadataUrl: string;
  /** Scope of the bot's tokens for the Bot Connector. */
  readonly scope: string;
  /** Address for posts until a verified activity names another one. */
  readonly defaultServiceUrl: string;
  /** Hosts of the Bot Connector; one that starts with a dot matches all its subdomains. */
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

/** Hosts of the public cloud that the bot calls. */
export const TEAMS_HOSTS: readonly string[] = [PUBLIC.metadataUrl, PUBLIC.defaultServiceUrl].map(
  (url) => new URL(url).host,
);

/** Whether the bot's token may be sent to this address: https, the default port, and a host of the list. */
export function isServiceUrl(text: string, { serviceHosts }: TeamsCloud): boolean {
  // The parser tolerates white space, backslashes and letter case; a genuine address needs none of that.
  const name = /^https:\/\/([a-z0-9.-]+)(?:\/[\w./-]*)?$/.exec(text)?.[1];
  if (name === undefined || text.includes('..') || !URL.canParse(text)) return false;
  return serviceHosts.some((host) => (host.startsWith('.') ? name.endsWith(host) : name === host));
}
