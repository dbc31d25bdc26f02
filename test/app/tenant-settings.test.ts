/** The setting TENANTS: what it describes, and which mistakes are refused by name. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.js';
import { repository } from '../rules/repository.js';

const WORKSPACE =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces';
const CUSTOMER = '00000000-0000-4000-8000-0000000000ab';
const TOPIC = 'https://soc.westeurope-1.eventgrid.azure.net/api/events';
const CONTOSO = {
  id: '00000000-0000-4000-8000-0000000000AC',
  name: 'Contoso',
  credential: {
    kind: 'secret',
    clientId: '00000000-0000-4000-8000-00000000c11e',
    secretSetting: 'CONTOSO_SECRET',
  },
  workspaces: [{ id: `${WORKSPACE}/law-contoso`, customerId: CUSTOMER }],
  eventTopic: TOPIC,
  approverGroups: { 'soc-analysts': '00000000-0000-4000-8000-0000000000d1' },
};
const FABRIKAM = {
  id: '00000000-0000-4000-8000-0000000000fb',
  name: 'Fabrikam',
  credential: {
    kind: 'federated',
    clientId: '00000000-0000-4000-8000-00000000f11e',
    managedIdentityClientId: '00000000-0000-4000-8000-00000000f1d0',
  },
  defenderIncidents: true,
  approverGroups: {},
};
const SECRET = 'a made-up secret of Contoso';

function settings(
  tenants: unknown = [CONTOSO, FABRIKAM],
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { TENANTS: JSON.stringify(tenants), CONTOSO_SECRET: SECRET, ...more };
}

function refusal(given: Readonly<Record<string, string>>): string {
  try {
    readConfig(given);
  } catch (thrown) {
    expect(thrown).toMatchObject({ info: { code: 'configuration', retry: 'no' } });
    const { message } = thrown as Error;
    expect(message).not.toContain(SECRET);
    return message;
  }
  return 'not refused';
}

describe('the apps that no response changes', () => {
  const APP = '00000000-0000-4000-8000-00000000E0A1';
  const BOT = '00000000-0000-4000-8000-00000000b07a';
  const SIGN_IN = '00000000-0000-4000-8000-00000000516a';
  const keys = { APPROVALS_SIGNING_KEYS: 'a made-up key that is long enough for this' };
  const containmentOf = (clientId: string) => ({
    protectedApps: [APP.toLowerCase()],
    ownApps: [clientId, SIGN_IN, BOT],
  });

  it("are those of the setting and the tenant's own", () => {
    const more = { protectedApps: [APP], approvalsClientId: SIGN_IN, teams: { botId: BOT } };
    const [config] = readConfig(settings([{ ...FABRIKAM, ...more }], keys)).tenants;
    expect(config?.containment).toEqual(containmentOf(FABRIKAM.credential.clientId));
  });

  it('are those of the settings of a single tenant', () => {
    const { clientId } = CONTOSO.credential;
    const [config] = readConfig({
      ...{ AZURE_TENANT_ID: CONTOSO.id, AZURE_CLIENT_ID: clientId, DEFENDER_INCIDENTS: 'on' },
      ...{ APPROVALS_CLIENT_ID: SIGN_IN, TEAMS_BOT_ID: BOT, PROTECTED_APPS: JSON.stringify([APP]) },
      ...keys,
    }).tenants;
    expect(config?.containment).toEqual(containmentOf(clientId));
  });
});

describe('the setting TENANTS', () => {
  it('describes each tenant', () => {
    const { tenants, homeTenantId, reachesNoTenant } = readConfig(settings());
    expect([homeTenantId, reachesNoTenant]).toEqual([undefined, false]);
    expect(tenants).toMatchObject([
      {
        id: '00000000-0000-4000-8000-0000000000ac',
        name: 'Contoso',
        position: 0,
        credential: { kind: 'secret', clientId: CONTOSO.credential.clientId, secret: SECRET },
        workspaces: CONTOSO.workspaces,
        defenderIncidents: false,
      },
      {
        id: FABRIKAM.id,
        position: 1,
        credential: FABRIKAM.credential,
        workspaces: [],
        defenderIncidents: true,
      },
    ]);
  });

  it('uses the playbooks and the policy of the app where a tenant has none', () => {
    const own = { ...FABRIKAM, playbooksDirectory: '/fabrikam', policyFile: '/fabrikam.yaml' };
    const { tenants } = readConfig(settings([CONTOSO, own], { PLAYBOOKS_DIRECTORY: '/all' }));
    expect(tenants.map(({ playbooksDirectory }) => playbooksDirectory)).toEqual(['/all', '/fabrikam']);
    expect(tenants.map(({ policyFile }) => policyFile)).toEqual([
      expect.stringMatching(/policy[\\/]approvals\.yaml$/),
      '/fabrikam.yaml',
    ]);
  });

  it('is absent for a single tenant, which the other settings describe', () => {
    const { tenants, homeTenantId } = readConfig({
      AZURE_TENANT_ID: CONTOSO.id,
      AZURE_CLIENT_ID: 'an id',
      SENTINEL_WORKSPACES: JSON.stringify(CONTOSO.workspaces),
    });
    expect(homeTenantId).toBe('00000000-0000-4000-8000-0000000000ac');
    expect(tenants).toMatchObject([
      {
        id: homeTenantId,
        position: undefined,
        credential: { kind: 'default', clientId: 'an id' },
        workspaces: CONTOSO.workspaces,
      },
    ]);
    expect(readConfig({}).tenants).toMatchObject([{ id: undefined, workspaces: [] }]);
  });

  it.each([
    [
      'the same id',
      { ...FABRIKAM, id: CONTOSO.id.toLowerCase() },
      'TENANTS.1.id is that of the tenant 0, too',
    ],
    ['the same name', { ...FABRIKAM, name: ' contoso' }, 'TENANTS.1.name is that of the tenant 0, too'],
    [
      'the same workspace',
      { ...FABRIKAM, workspaces: [{ id: `${WORKSPACE}/LAW-Contoso` }] },
      'TENANTS.1.workspaces.0.id is that of the tenant 0, too',
    ],
    [
      'a workspace twice',
      { ...FABRIKAM, workspaces: [{ id: `${WORKSPACE}/law-f` }, { id: `${WORKSPACE}/LAW-F` }] },
      'TENANTS.1.workspaces.1.id is there twice',
    ],
    [
      'the customer id of another workspace',
      { ...FABRIKAM, workspaces: [{ id: `${WORKSPACE}/law-f`, customerId: CUSTOMER.toUpperCase() }] },
      'TENANTS.1.workspaces.0.customerId is that of the tenant 0, too',
    ],
    [
      'a customer id twice',
      {
        ...FABRIKAM,
        workspaces: ['a', 'b'].map((name) => ({ id: `${WORKSPACE}/law-${name}`, customerId: FABRIKAM.id })),
      },
      'TENANTS.1.workspaces.1.customerId is there twice',
    ],
    [
      'the same topic',
      { ...FABRIKAM, eventTopic: TOPIC.replace('soc', 'SOC') },
      'TENANTS.1.eventTopic is that of the tenant 0, too',
    ],
    ['no incidents', { ...FABRIKAM, defenderIncidents: false }, 'TENANTS.1.workspaces is empty'],
    ['no GUID as id', { ...FABRIKAM, id: 'fabrikam.com' }, 'TENANTS.1.id is not a GUID'],
    ['no name', { ...FABRIKAM, name: ' ' }, 'TENANTS.1.name is empty'],
    ['an unknown property', { ...FABRIKAM, Workspaces: [] }, 'Unrecognized key: "Workspaces"'],
    [
      'a secret of its own in the list',
      { ...FABRIKAM, credential: { ...CONTOSO.credential, secret: SECRET } },
      'TENANTS.1.credential Unrecognized key: "secret"',
    ],
    [
      'a secret instead of the name of its setting',
      { ...FABRIKAM, credential: { ...CONTOSO.credential, secretSetting: SECRET } },
      'TENANTS.1.credential.secretSetting is not the name of a setting',
    ],
    [
      'a secret that is not set',
      { ...FABRIKAM, credential: { ...CONTOSO.credential, secretSetting: 'FABRIKAM_SECRET' } },
      'TENANTS.1.credential.secretSetting names the setting FABRIKAM_SECRET, which is not set',
    ],
    [
      'a reference to Key Vault that was not resolved',
      { ...FABRIKAM, credential: { ...CONTOSO.credential, secretSetting: 'FROM_VAULT' } },
      'TENANTS.1.credential.secretSetting names the setting FROM_VAULT, which is a reference to Key Vault that was not resolved',
    ],
    ['another kind of credential', { ...FABRIKAM, credential: { kind: 'password' } }, 'TENANTS.1.credential'],
    [
      'a simulated tenant beside a real one',
      { ...FABRIKAM, simulatedTenantUrl: 'http://127.0.0.1:1' },
      'TENANTS.0.simulatedTenantUrl is missing: the tenant 1 is simulated, so all must be',
    ],
    [
      'sign-in without a key for decisions',
      { ...FABRIKAM, approvalsClientId: FABRIKAM.id },
      'APPROVALS_SIGNING_KEYS is required',
    ],
  ])('is refused with %s, by name', (_what, second, expected) => {
    const vault = { FROM_VAULT: '@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/a)' };
    expect(refusal(settings([CONTOSO, second], vault))).toContain(expected);
  });

  it('is refused with the same bot twice', () => {
    const teams = { botId: '00000000-0000-4000-8000-00000000b07e' };
    const both = [CONTOSO, FABRIKAM].map((tenant) => ({ ...tenant, teams }));
    expect(refusal(settings(both))).toContain('TENANTS.1.teams.botId is that of the tenant 0, too');
  });

  it.each([
    ['no JSON', '{', 'TENANTS is not JSON'],
    ['no tenant', '[]', 'TENANTS names no tenant'],
    ['an object', '{}', 'TENANTS Invalid input'],
  ])('is refused with %s', (_what, text, expected) => {
    expect(refusal({ TENANTS: text })).toContain(expected);
  });

  it.each([
    ['SENTINEL_WORKSPACES', '[]'],
    ['DEFENDER_INCIDENTS', 'off'],
    ['APPROVER_GROUPS', '{}'],
    ['APPROVALS_CLIENT_ID', CONTOSO.id],
    ['TEAMS_BOT_ID', CONTOSO.id],
    ['TEAMS_CLOUD', 'public'],
    ['TEAMS_CHANNELS', '{}'],
    ['EVENT_GRID_TOPIC_ENDPOINT', 'https://soc.westeurope-1.eventgrid.azure.net/api/events'],
    ['AZURE_CLIENT_ID', CONTOSO.id],
    ['AZURE_CLIENT_SECRET', SECRET],
    ['SIMULATED_TENANT_URL', 'http://127.0.0.1:1'],
    ['RECORDED_EXCHANGES', 'exchanges.har'],
    ['RECORD_EXCHANGES_TO', 'exchanges.har'],
  ])('is refused beside %s', (name, value) => {
    const more = {
      AZURE_TENANT_ID: CONTOSO.id,
      APPROVALS_SIGNING_KEYS: 'a signing key of the tests that is longer than thirty-two characters',
      [name]: value,
    };
    expect(refusal(settings(undefined, more))).toContain(`${name} must not be set with TENANTS`);
  });
});

it.each([
  ['local.settings.json.sample', 1],
  ['local.settings.tenants.json.sample', 2],
])('%s is valid once its secrets are filled in', (file, tenants) => {
  const { Values } = JSON.parse(readFileSync(repository(file), 'utf8')) as { Values: Record<string, string> };
  const secret = 'a made-up secret of at least thirty-two characters';
  const filled = Object.entries(Values).map(([name, value]) => [name, value === '' ? secret : value]);
  expect(readConfig(Object.fromEntries(filled)).tenants).toHaveLength(tenants);
});
