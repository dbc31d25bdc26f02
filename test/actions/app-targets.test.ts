/** Which app an incident means, which apps are left to people, and whose change of an app an undo reverts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Containment, Response } from '../../src/actions/define.js';
import disableAction from '../../src/actions/entra/disable-app.js';
import { servicePrincipalResolver } from '../../src/actions/entra/service-principals/service-principal-resolver.js';
import { resolveTarget, runResponse, undoResponse } from '../../src/actions/run.js';
import type { EntityOf } from '../../src/domain/entities.js';
import { APP, APP_ID, type Contoso, OTHER_APP, startContoso } from './contoso.js';
import { actNow } from './contract/act.js';
import { appEnabled } from './contract/tenant-changes.js';

const disable = disableAction as unknown as Response;
const REGISTRATION = '00000000-0000-4000-8000-00000000e0b2';
const PAYROLL = '00000000-0000-4000-8000-00000000e0a2';
const NO_ONES = '00000000-0000-4000-8000-00000000ffff';

const oauthApp = (more: object): EntityOf<'oauthApp'> => ({
  ...({ kind: 'oauthApp', key: 'oauthApp:1', display: 'Mail Reader', identity: 'strong' } as const),
  ...more,
});

describe('an app of an incident', () => {
  let contoso: Contoso;
  beforeAll(async () => {
    contoso = await startContoso();
  });
  afterAll(() => contoso.simulator.stop());

  const change = (more: object) =>
    contoso.change((state) => {
      for (const app of state.servicePrincipals)
        if (app.id === APP) Object.assign(app, { accountEnabled: true }, more);
    });
  const resolve = (query: object, containment: Containment = {}) =>
    resolveTarget(disable, query, contoso.context(disable.name, APP, { containment }));
  const refusal = (code: string, reason = /./) => ({
    ok: true,
    value: { ok: false, code, reason: expect.stringMatching(reason) },
  });

  it('is found by its ids only, never by its name', () => {
    expect(servicePrincipalResolver.identify(oauthApp({ appId: APP_ID }))).toMatchObject({ ok: true });
    for (const ids of [{}, { name: 'Mail Reader' }, { appId: '20893' }, { appId: APP_ID, objectId: "x' or" }])
      expect(servicePrincipalResolver.identify(oauthApp(ids))).toMatchObject({ code: 'target-unknown' });
  });

  it.each([
    ['its application id', { appId: APP_ID.toUpperCase() }, APP],
    ['its object id', { objectId: APP }, APP],
    ['both', { appId: APP_ID, objectId: APP }, APP],
    ['the object id of its registration', { objectId: REGISTRATION }, OTHER_APP],
    ['its application id and its registration', { appId: PAYROLL, objectId: REGISTRATION }, OTHER_APP],
  ])('is found by %s', async (_how, query, id) => {
    expect(await resolve(query)).toMatchObject({
      value: { ok: true, record: { kind: 'entra.service-principal', id, certainty: 'certain' } },
    });
  });

  it('is no other one: ids that disagree, or that the directory does not have', async () => {
    expect(await resolve({ appId: APP_ID, objectId: OTHER_APP })).toMatchObject(
      refusal('identifiers-disagree', /belongs to Payroll/),
    );
    expect(await resolve({ appId: APP_ID, objectId: REGISTRATION })).toMatchObject(
      refusal('identifiers-disagree'),
    );
    expect(await resolve({ appId: PAYROLL, objectId: NO_ONES })).toMatchObject(
      refusal('identifiers-disagree'),
    );
    expect(await resolve({ appId: NO_ONES })).toMatchObject(refusal('not-found'));
    expect(await resolve({ objectId: NO_ONES })).toMatchObject(refusal('not-found'));
  });

  it('says that the id of a registration in another tenant was not checked', async () => {
    expect(await resolve({ appId: APP_ID, objectId: NO_ONES })).toMatchObject({
      value: { ok: true, record: { unchecked: [`object id ${NO_ONES}`] } },
    });
  });

  it.each<[string, object, Containment, RegExp]>([
    [
      'of Microsoft',
      { appOwnerOrganizationId: 'F8CDEF31-A31E-4B4A-93E4-5F571E91255A' },
      {},
      /app of Microsoft/,
    ],
    [
      'a managed identity',
      { appOwnerOrganizationId: null, servicePrincipalType: 'ManagedIdentity' },
      {},
      /managed/,
    ],
    ['of no known tenant', { appOwnerOrganizationId: null }, {}, /does not say in which tenant/],
    ['the responder itself', {}, { ownApps: [APP_ID] }, /responder itself/],
    ['protected by a setting', {}, { protectedApps: [APP_ID] }, /PROTECTED_APPS/],
  ])('is left to people, before anyone is asked and right before the act, if it is %s', async (...given) => {
    const [, more, containment, reason] = given;
    const approved = await resolve({ appId: APP_ID });
    if (!approved.ok || !approved.value.ok) throw new Error('it is accepted');
    const { input, record } = approved.value;
    change(more);
    try {
      expect(await resolve({ appId: APP_ID }, containment)).toMatchObject(
        refusal('unsupported-target', reason),
      );
      const context = contoso.context(disable.name, APP, { record, containment });
      expect(await runResponse(disable, input, context)).toMatchObject({ error: { code: 'target-changed' } });
      expect(contoso.writes()).toEqual([]);
    } finally {
      change({
        appOwnerOrganizationId: '00000000-0000-4000-8000-00000000fab1',
        servicePrincipalType: 'Application',
      });
    }
  });

  it('stays disabled by an undo if somebody else has disabled it again since', async () => {
    const input = { servicePrincipalId: APP, app: 'Mail Reader' };
    const { output } = await actNow(disable, { input }, contoso);
    for (const enabled of [true, false]) {
      contoso.clock.advance(60);
      contoso.change(appEnabled(enabled));
    }
    const undone = await undoResponse(disable, input, output, contoso.context(disable.name, APP));
    expect(undone).toMatchObject({
      value: { state: 'not-ours', reason: expect.stringContaining('somebody.else@contoso.com') },
    });
    expect(contoso.state().servicePrincipals.find(({ id }) => id === APP)?.accountEnabled).toBe(false);
  });
});
