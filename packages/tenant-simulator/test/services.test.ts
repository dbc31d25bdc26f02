import type { TenantState } from 'tenant-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kql } from '../../../src/domain/builders/kql.js';
import { odata, path } from '../../../src/domain/builders/path.js';
import { contoso, DANA, LEE, PRIYA, type RunningContoso, startContoso } from './contoso.js';

const anything = z.unknown();
let tenant: RunningContoso;
beforeEach(async () => {
  tenant = await startContoso();
});
afterEach(() => tenant.simulator.stop());

describe('users', () => {
  it.each([DANA, 'dana.ortiz@contoso.com', 'Dana.Ortiz@Contoso.com'])('are found by %s', async (name) => {
    const where = path`/v1.0/users/${name}?$select=id,department,nothing&$expand=manager($select=id,userPrincipalName)`;
    const { body } = await tenant.clients.graph.get(where, anything);
    expect(body).toEqual({
      '@odata.context': expect.stringContaining('$metadata#users'),
      id: DANA,
      department: 'Finance',
      manager: {
        '@odata.type': '#microsoft.graph.user',
        id: LEE,
        userPrincipalName: 'lee.andersen@contoso.com',
      },
    });
  });

  it('show only the default properties unless others are selected', async () => {
    const { body } = await tenant.clients.graph.get(path`/v1.0/users/${LEE}?$expand=manager`, anything);
    expect(body).toMatchObject({ displayName: 'Lee Andersen', jobTitle: 'Head of accounts payable' });
    expect(body).not.toHaveProperty('accountEnabled');
    expect(body).not.toHaveProperty('manager');
  });

  it('that do not exist are not found', async () => {
    await expect(
      tenant.clients.graph.get(path`/v1.0/users/${'no.one@contoso.com'}`, anything),
    ).rejects.toMatchObject({
      info: { code: 'not-found', serviceCode: 'Request_ResourceNotFound' },
    });
  });

  it('can be disabled, and no other property can be changed', async () => {
    const where = path`/v1.0/users/${DANA}`;
    expect(await tenant.clients.graph.patch(where, { accountEnabled: false }, anything)).toMatchObject({
      status: 204,
    });
    const enabled = z.looseObject({ accountEnabled: z.boolean() });
    const { body } = await tenant.clients.graph.get(
      path`/v1.0/users/${DANA}?$select=accountEnabled`,
      enabled,
    );
    expect(body.accountEnabled).toBe(false);
    for (const change of [{ displayName: 'x' }, { accountEnabled: 'false' }, {}]) {
      await expect(tenant.clients.graph.patch(where, change, anything)).rejects.toMatchObject({
        info: { code: 'invalid-request' },
      });
    }
  });

  it('lose their sessions as of the whole second', async () => {
    tenant.clock.advance(1.75);
    await tenant.clients.graph.post(path`/v1.0/users/${DANA}/revokeSignInSessions`, undefined, anything);
    const { users } = tenant.simulator.state() as TenantState;
    expect(users[0]?.signInSessionsValidFromDateTime).toBe('2026-03-10T08:12:01Z');
  });

  it('have risk, or were never at risk', async () => {
    const { body } = await tenant.clients.graph.get(
      path`/v1.0/identityProtection/riskyUsers/${DANA}`,
      anything,
    );
    expect(body).toMatchObject({
      id: DANA,
      riskLevel: 'medium',
      riskState: 'atRisk',
      userDisplayName: 'Dana Ortiz',
    });
    await expect(
      tenant.clients.graph.get(path`/v1.0/identityProtection/riskyUsers/${LEE}`, anything),
    ).rejects.toMatchObject({ info: { code: 'not-found' } });
  });

  it('have roles', async () => {
    const of = async (user: string) => {
      const filter = odata`principalId eq ${user}`;
      const where = path`/v1.0/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=roleDefinition`;
      const { body } = await tenant.clients.graph.get(where, z.object({ value: z.array(z.looseObject({})) }));
      return body.value;
    };
    expect(await of(PRIYA)).toMatchObject([{ roleDefinition: { displayName: 'Global Administrator' } }]);
    expect(await of(DANA)).toEqual([]);
  });
});

describe('machines', () => {
  const names = z.object({ value: z.array(z.looseObject({ computerDnsName: z.string() })) });
  const find = async (filter: ReturnType<typeof odata>) =>
    (await tenant.clients.defender.get(path`/api/machines?$filter=${filter}`, names)).body.value.map(
      ({ computerDnsName }) => computerDnsName,
    );

  it('are found by full name, and by the start of a name that two have', async () => {
    expect(await find(odata`computerDnsName eq ${'ws-fin-0142.corp.contoso.com'}`)).toHaveLength(1);
    expect(await find(odata`startswith(computerDnsName,${'ws-fin-0142.'})`)).toEqual([
      'ws-fin-0142.corp.contoso.com',
      'ws-fin-0142.branch.contoso.com',
    ]);
    expect(
      await find(odata`startswith(computerDnsName,${'ws-'}) and healthStatus eq ${'Inactive'}`),
    ).toHaveLength(1);
    expect(await find(odata`computerDnsName eq ${"o'brien"}`)).toEqual([]);
  });

  it.each([
    'computerDnsName',
    'computerDnsName eq',
    "computerDnsName eq 'a' and",
    "nothing eq 'a'",
    "contains(id,'a')",
  ])('are not found by %s', async (filter) => {
    await expect(find({ raw: encodeURIComponent(filter) })).rejects.toMatchObject({
      info: { code: 'invalid-request' },
    });
  });
});

describe('files', () => {
  it.each(['c0ffee0142'.repeat(4), 'c0ffee01'.repeat(8), 'C0FFEE01'.repeat(8)])(
    'are found by %s',
    async (hash) => {
      for (const where of [path`/api/files/${hash}`, path`/api/files/${hash}/`]) {
        const { body } = await tenant.clients.defender.get(where, anything);
        expect(body).toMatchObject({ sha1: 'c0ffee0142'.repeat(4), globalPrevalence: 3 });
        expect(body).not.toHaveProperty('statistics');
      }
    },
  );

  it('are refused by anything that is no hash, and have statistics of 30 days at most', async () => {
    const wrong = [
      path`/api/files/${'finsync.exe'}`,
      path`/api/files/${'c0ffee01'.repeat(8)}/stats?lookBackHours=721`,
    ];
    for (const where of wrong) {
      await expect(tenant.clients.defender.get(where, anything)).rejects.toMatchObject({
        info: { code: 'invalid-request', serviceCode: 'InvalidInput' },
      });
    }
  });
});

describe('geodata', () => {
  const { subscriptionId, resourceGroup } = contoso().workspace;
  const where = (address: string, version = '2023-04-01-preview') =>
    path`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.SecurityInsights/enrichment/ip/geodata/?ipAddress=${address}&api-version=${version}`;

  it('is there for an address that is known', async () => {
    const { body } = await tenant.clients.arm.get(where('203.0.113.77'), anything);
    expect(body).toMatchObject({ ipAddr: '203.0.113.77', country: 'examplia', asn: '64511' });
  });

  it.each([
    ['203.0.113.78', 'not-found'],
    ['not-an-address', 'invalid-request'],
  ])('of %s is %s', async (address, code) => {
    await expect(tenant.clients.arm.get(where(address), anything)).rejects.toMatchObject({ info: { code } });
  });

  it('exists in a preview only', async () => {
    await expect(tenant.clients.arm.get(where('203.0.113.77', '2025-09-01'), anything)).rejects.toMatchObject(
      {
        info: { code: 'invalid-request', serviceCode: 'InvalidApiVersionParameter' },
      },
    );
  });
});

describe('queries', () => {
  const { customerId } = contoso().workspace;
  const ask = (query: string, params: Record<string, unknown>) =>
    tenant.clients.logs.query(customerId, kql(query, params), 'P14D');

  it('are distinguished by their constant part and their parameters', async () => {
    const dana = await ask('SigninLogs | summarize', { user: DANA });
    expect(dana.rows).toMatchObject([
      { Total: 46, Countries: ['NL', 'XZ'], LastSuccess: '2026-03-10T07:37:20.6610000Z' },
    ]);
    expect((await ask('SigninLogs | summarize', { user: LEE })).rows).toMatchObject([
      { Total: 0, LastSuccess: null },
    ]);
    expect(dana.partial).toBe(false);
  });

  it('that the tenant knows nothing about are unknown calls', async () => {
    await expect(ask('DeviceEvents | count', {})).rejects.toMatchObject({
      info: { httpStatus: 501, retry: 'no' },
    });
    expect(tenant.simulator.unknownCalls()).toMatchObject([{ host: 'api.loganalytics.io', method: 'POST' }]);
  });

  it('may be answered in part', async () => {
    tenant.simulator.update((state: TenantState) => {
      for (const query of state.queries) query.partialError = 'A part of the data could not be read.';
    });
    const { rows, partial } = await ask('SigninLogs | summarize', { user: DANA });
    expect([rows.length, partial]).toEqual([1, true]);
  });

  it('go to a workspace that exists', async () => {
    const query = tenant.clients.logs.query(
      '00000000-0000-4000-8000-0000000000a0',
      kql('SigninLogs', {}),
      'P1D',
    );
    await expect(query).rejects.toMatchObject({ info: { code: 'not-found' } });
  });
});
