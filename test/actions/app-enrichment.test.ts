/** What is known of an OAuth application, and what stays unknown. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Enrichment } from '../../src/actions/define.js';
import appAction from '../../src/actions/entra/app.js';
import { isRisky } from '../../src/actions/entra/service-principals/permission-risk.js';
import { runEnrichment } from '../../src/actions/run.js';
import {
  ADMIN,
  APP,
  APP_ID,
  type Contoso,
  DANA,
  failing,
  GRANT,
  GRAPH,
  startContoso,
  TENANT,
} from './contoso.js';

const action = appAction as unknown as Enrichment;
const FOR_ALL = {
  ...GRANT,
  id: 'all',
  consentType: 'AllPrincipals' as const,
  principalId: null,
  scope: 'User.Read',
};

it.each([
  ['Mail.Read', true],
  ['Mail.ReadWrite', true],
  ['full_access_as_app', true],
  ['user_impersonation', true],
  ['Directory.Read.All', true],
  ['User.Read', false],
  ['User.Read.All', false],
  ['offline_access', false],
])('the permission %s is risky: %s', (permission, expected) => {
  expect(isRisky(permission)).toBe(expected);
});

describe('the finding about an app', () => {
  let contoso: Contoso;
  beforeAll(async () => {
    contoso = await startContoso();
  });
  afterAll(() => contoso.simulator.stop());

  const change = (more: object, grants: readonly (typeof GRANT | typeof FOR_ALL)[] = [GRANT]) =>
    contoso.change((state) => {
      state.permissionGrants = [...grants];
      for (const app of state.servicePrincipals) if (app.id === APP) Object.assign(app, more);
    });
  const read = async () => {
    const result = await runEnrichment(action, { appId: APP_ID }, contoso.context(action.name, APP));
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };

  it('has its home, its publisher, its permissions and who consented', async () => {
    expect(await read()).toEqual({
      servicePrincipalId: APP,
      appId: APP_ID,
      displayName: 'Mail Reader',
      enabled: true,
      publisherVerified: false,
      homeTenantId: '00000000-0000-4000-8000-00000000fab1',
      external: true,
      ofMicrosoft: false,
      appPermissions: ['User.Read.All'],
      delegatedPermissions: ['Mail.ReadWrite', 'offline_access'],
      riskyPermissions: ['Mail.ReadWrite'],
      offlineAccess: true,
      consentedForAll: false,
      consenters: [DANA],
      consenterCount: 1,
      complete: true,
    });
  });

  it('does not say of an own app, of a verified publisher, or of a consent for all what is not so', async () => {
    const publisher = { displayName: 'Fabrikam', verifiedPublisherId: '1234567' };
    change({ appOwnerOrganizationId: TENANT, verifiedPublisher: publisher }, [FOR_ALL]);
    expect(await read()).toMatchObject({
      ...{ external: false, publisherVerified: true, publisher: 'Fabrikam', consentedForAll: true },
      ...{ consenters: [], consenterCount: 0, riskyPermissions: [], offlineAccess: false },
    });
  });

  it('leaves out what the directory does not say', async () => {
    change({ appOwnerOrganizationId: null, verifiedPublisher: undefined });
    const found = Object.keys(await read());
    for (const name of ['homeTenantId', 'external', 'ofMicrosoft', 'publisherVerified'])
      expect(found).not.toContain(name);
  });

  it('has lower bounds if there are more consents than the answer has', async () => {
    change({}, [FOR_ALL, { ...GRANT, id: 'lee', principalId: ADMIN }]);
    contoso.simulator.addFault(failing(GRAPH, /oauth2PermissionGrants/, { kind: 'part' }, 'GET', 1));
    const found = await read();
    expect(found).toMatchObject({
      complete: false,
      consentedForAll: true,
      delegatedPermissions: ['User.Read'],
    });
    for (const name of ['consenters', 'consenterCount', 'offlineAccess', 'riskyPermissions'])
      expect(Object.keys(found)).not.toContain(name);
  });

  it('does not list a part of very many users', async () => {
    const many = Array.from({ length: 51 }, (_one, n) => ({
      ...GRANT,
      id: `${n}`,
      principalId: `user-${n}`,
    }));
    change({}, many);
    const found = await read();
    expect(found).toMatchObject({ complete: true, consenterCount: 51 });
    expect(Object.keys(found)).not.toContain('consenters');
  });
});
