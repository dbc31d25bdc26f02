/** Apps, as Graph returns them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { odata, path } from '../../../src/domain/builders/path.js';
import { contoso, type RunningContoso, startContoso } from './contoso.js';

const id = '00000000-0000-4000-8000-00000000e001';
const appId = '00000000-0000-4000-8000-00000000e0a1';
const any = z.looseObject({});

let tenant: RunningContoso;
beforeAll(async () => {
  const { app, ...rest } = contoso();
  const graph = [
    ...app.permissions.graph,
    ...['Application.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'],
  ];
  const servicePrincipals = [
    {
      ...{ id, appId, displayName: 'Mail Reader', accountEnabled: true, appOwnerOrganizationId: null },
      servicePrincipalType: 'Application',
    },
  ];
  const permissions = { ...app.permissions, graph };
  tenant = await startContoso({ tenant: { ...rest, app: { ...app, permissions }, servicePrincipals } });
});
afterAll(() => tenant.simulator.stop());

it('are found by their object id and by their application id', async () => {
  const { graph } = tenant.clients;
  const { body } = await graph.get(path`/v1.0/servicePrincipals/${id}?$select=id,appId`, any);
  expect(body).toEqual({
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#servicePrincipals/$entity',
    ...{ id, appId },
  });
  const filter = odata`appId eq ${appId}`;
  const list = await graph.get(path`/v1.0/servicePrincipals?$filter=${filter}&$select=id`, any);
  expect(list.body).toMatchObject({ value: [{ id }] });
  await expect(graph.get(path`/v1.0/servicePrincipals/${appId}`, any)).rejects.toMatchObject({
    info: { code: 'not-found', serviceCode: 'Request_ResourceNotFound' },
  });
});

it('are disabled with a 204 and an entry in the audit log, and not by other changes', async () => {
  const { graph } = tenant.clients;
  const where = path`/v1.0/servicePrincipals/${id}`;
  expect((await graph.patch(where, { accountEnabled: false }, z.unknown())).status).toBe(204);
  const state = tenant.simulator.state();
  expect(state).toMatchObject({
    servicePrincipals: [{ accountEnabled: false }],
    directoryAudits: expect.arrayContaining([
      expect.objectContaining({ activityDisplayName: 'Update service principal' }),
    ]),
  });
  await expect(graph.patch(where, { displayName: 'x' }, z.unknown())).rejects.toMatchObject({
    info: { code: 'invalid-request' },
  });
});

it('have consents with the properties of Graph, at most one for an API and a user', async () => {
  const { graph } = tenant.clients;
  const grant = { clientId: id, consentType: 'AllPrincipals', resourceId: appId, scope: 'Mail.Read' };
  const created = await graph.post(
    path`/v1.0/oauth2PermissionGrants`,
    grant,
    z.looseObject({ id: z.string() }),
  );
  expect(created).toMatchObject({ status: 201, body: { ...grant, principalId: null } });
  await expect(graph.post(path`/v1.0/oauth2PermissionGrants`, grant, any)).rejects.toMatchObject({
    info: { code: 'conflict' },
  });
  const list = path`/v1.0/oauth2PermissionGrants?$filter=${odata`clientId eq ${id}`}`;
  expect((await graph.get(list, any)).body).toMatchObject({ value: [{ id: created.body.id }] });
  const where = path`/v1.0/oauth2PermissionGrants/${created.body.id}`;
  expect((await graph.delete(where, {})).status).toBe(204);
  await expect(graph.get(where, any)).rejects.toMatchObject({ info: { code: 'not-found' } });
  const ofNoUser = { ...grant, consentType: 'Principal' };
  await expect(graph.post(path`/v1.0/oauth2PermissionGrants`, ofNoUser, any)).rejects.toMatchObject({
    info: { code: 'invalid-request' },
  });
});
