/** `responder validate` checks the setting TENANTS as the app does at its start. */
import { readFileSync } from 'node:fs';
import { startSimulator } from 'tenant-simulator';
import { expect, it } from 'vitest';
import { cli } from './run-cli.js';

const TENANT = {
  id: '00000000-0000-4000-8000-0000000000ac',
  name: 'Contoso',
  credential: {
    kind: 'secret',
    clientId: '00000000-0000-4000-8000-00000000c11e',
    secretSetting: 'CONTOSO_SECRET',
  },
  defenderIncidents: true,
  approverGroups: {
    'soc-analysts': '00000000-0000-4000-8000-00000000b101',
    'soc-leads': '00000000-0000-4000-8000-00000000b102',
  },
};
const SECRET = 'a made-up secret of Contoso';

async function validate(
  tenant: object,
  more: Readonly<Record<string, string>> = {},
): Promise<[number | null, string]> {
  const settings = { TENANTS: JSON.stringify([tenant]), CONTOSO_SECRET: SECRET, ...more };
  const { code, stdout, stderr } = await cli(['validate'], settings);
  expect(stdout + stderr).not.toContain(SECRET);
  return [code, stdout];
}

it('says that the tenants are valid, or what is wrong, with its place', async () => {
  expect(await validate(TENANT)).toEqual([0, expect.stringContaining('TENANTS with 1 tenant')]);
  const { 'soc-leads': _, ...one } = TENANT.approverGroups;
  expect(await validate({ ...TENANT, approverGroups: one })).toEqual([
    2,
    expect.stringMatching(/TENANTS\.0\.approverGroups: .*has no object id for "soc-leads"/),
  ]);
  expect(await validate({ ...TENANT, id: 'contoso.com' }, { SENTINEL_WORKSPACES: '[]' })).toEqual([
    2,
    expect.stringContaining('TENANTS.0.id is not a GUID'),
  ]);
  expect(await validate(TENANT, { CONTOSO_SECRET: '' })).toEqual([
    2,
    expect.stringContaining('names the setting CONTOSO_SECRET, which is not set'),
  ]);
});

it('with --live --real-tenant reads the groups of each tenant in its own directory, and names the tenant', async () => {
  const tenant = JSON.parse(readFileSync('fixtures/ransomware-on-workstation/tenant.json', 'utf8')) as object;
  const clock = { now: () => Date.now() };
  const [full, empty] = await Promise.all([
    startSimulator({ tenant, clock }),
    startSimulator({ tenant: { ...tenant, groups: [] }, clock }),
  ]);
  try {
    const tenants = [full, empty].map(({ url }, i) => ({
      ...TENANT,
      name: `Tenant ${i}`,
      id: TENANT.id,
      simulatedTenantUrl: url,
    }));
    const [one, other] = tenants;
    const live = async (entries: readonly unknown[]) => {
      const settings = { TENANTS: JSON.stringify(entries), CONTOSO_SECRET: 'simulated-secret-not-real' };
      const { code, stdout } = await cli(['validate', '--live', '--real-tenant'], settings);
      return [code, stdout];
    };
    expect(await live([one])).toEqual([0, expect.stringContaining('TENANTS with 1 tenant')]);
    expect(await live([other])).toEqual([
      2,
      expect.stringMatching(/TENANTS\.0 \(Tenant 1\), tier analysts: The group .* does not exist/),
    ]);
    expect(full.calls().some(({ path }) => path.includes('/groups/'))).toBe(true);
  } finally {
    await Promise.all([full.stop(), empty.stop()]);
  }
});
