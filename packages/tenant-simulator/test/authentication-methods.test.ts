/** Authentication methods, as Graph returns and removes them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { path } from '../../../src/domain/builders/path.js';
import { contoso, DANA, type RunningContoso, startContoso } from './contoso.js';

const MOBILE = '3179e48a-750b-4051-897c-87b9720928f7';
const ALTERNATE = 'b6332ec1-7057-4abe-9331-3d72feddfe41';
const KEY = '-2_GRUg2-HYz6_1YG4YRAQ2';
const method = (type: string, id: string, more: object) => ({
  '@odata.type': `#microsoft.graph.${type}AuthenticationMethod`,
  id,
  ...more,
});

let tenant: RunningContoso;
beforeAll(async () => {
  const { app, users, ...rest } = contoso();
  const graph = [...app.permissions.graph, 'UserAuthenticationMethod.ReadWrite.All'];
  const authenticationMethods = [
    method('phone', MOBILE, { phoneNumber: '+1 5555550100', phoneType: 'mobile' }),
    method('phone', ALTERNATE, { phoneNumber: '+1 5555550101', phoneType: 'alternateMobile' }),
    method('fido2', KEY, { displayName: 'Red key', createdDateTime: '2020-08-10T06:44:09Z' }),
  ];
  const changed = users.map((user) =>
    user.id === DANA ? { ...user, authenticationMethods, defaultMethod: KEY } : user,
  );
  const permissions = { ...app.permissions, graph };
  tenant = await startContoso({ tenant: { ...rest, users: changed, app: { ...app, permissions } } });
});
afterAll(() => tenant.simulator.stop());

const list = async () => {
  const schema = z.looseObject({ value: z.array(z.looseObject({ id: z.string() })) });
  return (await tenant.clients.graph.get(path`/v1.0/users/${DANA}/authentication/methods`, schema)).body
    .value;
};
const remove = (collection: string, id: string) =>
  tenant.clients.graph.delete(path`/v1.0/users/${DANA}/authentication/${collection}/${id}`, {});

it('are listed with their types, and are no properties of the user', async () => {
  expect(await list()).toMatchObject([
    { '@odata.type': '#microsoft.graph.phoneAuthenticationMethod', phoneType: 'mobile' },
    { id: ALTERNATE },
    { '@odata.type': '#microsoft.graph.fido2AuthenticationMethod', createdDateTime: '2020-08-10T06:44:09Z' },
  ]);
  const user = await tenant.clients.graph.get(
    path`/v1.0/users/${DANA}?$select=id,authenticationMethods,defaultMethod`,
    z.looseObject({}),
  );
  expect(Object.keys(user.body)).toEqual(['@odata.context', 'id']);
});

it('are removed in their collection only, not the default one, nor a phone that another one needs', async () => {
  await expect(remove('phoneMethods', KEY)).rejects.toMatchObject({ info: { code: 'not-found' } });
  await expect(remove('fido2Methods', KEY)).rejects.toMatchObject({ info: { httpStatus: 400 } });
  await expect(remove('phoneMethods', MOBILE)).rejects.toMatchObject({ info: { httpStatus: 400 } });
  for (const id of [ALTERNATE, MOBILE]) expect((await remove('phoneMethods', id)).status).toBe(204);
  expect((await remove('fido2Methods', KEY)).status).toBe(204);
  expect(await list()).toEqual([]);
});
