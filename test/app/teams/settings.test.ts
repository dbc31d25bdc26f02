import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/app/config.js';
import { createTeams } from '../../../src/connectors/teams/index.js';

const BOT = '00000000-0000-4000-8000-00000000C11E';
const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
const problem = (settings: Record<string, string>) => {
  try {
    readConfig(settings);
    return undefined;
  } catch (thrown) {
    return (thrown as { info: { code: string; place: string } }).info;
  }
};

describe('the settings of Teams', () => {
  it('are absent, or a bot with its channels', () => {
    expect(readConfig({}).tenants[0]?.teams).toBeUndefined();
    const [tenant] = readConfig({
      TEAMS_BOT_ID: BOT,
      TEAMS_CHANNELS: JSON.stringify({ soc: CHANNEL }),
    }).tenants;
    expect(tenant?.teams).toEqual({
      botId: BOT.toLowerCase(),
      cloud: 'public',
      channelIds: { soc: CHANNEL },
    });
  });

  it.each([
    ['TEAMS_BOT_ID', 'my-bot'],
    ['TEAMS_CLOUD', 'https://login.contoso.com/v1/.well-known/openidconfiguration'],
    ['TEAMS_CHANNELS', 'soc'],
    ['TEAMS_CHANNELS', '["soc"]'],
    ['TEAMS_CHANNELS', '{"soc":"General"}'],
    ['TEAMS_CHANNELS', `{"soc":"${CHANNEL};messageid=1"}`],
    ['PUBLIC_URL', 'javascript:alert(1)'],
  ])('%s=%s is refused and named', (name, value) => {
    const found = problem({ TEAMS_BOT_ID: BOT, [name]: value });
    expect(found?.code).toBe('configuration');
    expect(found?.place).toMatch(new RegExp(`^${name}`));
  });

  it('are refused where the secret is another app’s', () => {
    const config = {
      tenantId: '00000000-0000-4000-8000-0000000000ac',
      clientId: '00000000-0000-4000-8000-00000000dead',
      clientSecret: 'a secret that is not real',
      botId: BOT,
      cloud: 'public',
    } as const;
    expect(() => createTeams(config, { clock: { now: () => 0 } })).toThrow(/another app/);
  });
});
