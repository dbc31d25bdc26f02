import type { Simulator, TenantState } from 'tenant-simulator';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { apis } from '../../../src/actions/services.js';
import { createClients } from '../../../src/connectors/index.js';
import { kql } from '../../../src/domain/builders/kql.js';
import { armId, path } from '../../../src/domain/builders/path.js';
import { contoso, DANA, PRIYA, startContoso, triggerBody, WORKSTATION } from './contoso.js';

const anything = z.unknown();
const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop();
});

async function start(change: (tenant: TenantState) => void = () => undefined) {
  const tenant = contoso();
  change(tenant);
  const started = await startContoso({ tenant });
  running.push(started.simulator);
  return started;
}

describe('sign-in', () => {
  it('gives one token for each service, which is used again', async () => {
    const { clients, simulator } = await start();
    for (let i = 0; i < 3; i += 1) {
      await clients.graph.get(path`/v1.0/users/${DANA}`, anything);
      await clients.defender.get(path`/api/machines/${WORKSTATION}`, anything);
    }
    const tokens = simulator.calls().filter(({ path }) => path.endsWith('/oauth2/v2.0/token'));
    expect(tokens).toHaveLength(2);
    expect(simulator.unknownCalls()).toEqual([]);
  });

  it.each([
    ['clientSecret', 'AADSTS7000215'],
    ['clientId', 'AADSTS700016'],
    ['tenantId', 'AADSTS90002'],
  ])('with a wrong %s is refused', async (name, serviceCode) => {
    const { config, clock } = await start();
    const wrong = { ...config, [name]: '00000000-0000-4000-8000-00000000dead' };
    const { graph } = createClients(apis, wrong, { clock });
    const call = graph.get(path`/v1.0/users/${DANA}`, anything);
    await expect(call).rejects.toMatchObject({ info: { code: 'unauthorized', retry: 'no', serviceCode } });
    await expect(call).rejects.not.toThrow(/dead/);
  });
});

describe('a call', () => {
  const machine = `/api/machines/${WORKSTATION}`;
  const status = async (url: string, host: string, authorization?: string): Promise<number> =>
    (
      await fetch(`${url}${machine}`, {
        headers: { 'x-forwarded-host': host, ...(authorization ? { authorization } : {}) },
      })
    ).status;
  const token = async (url: string, scope: string): Promise<string> => {
    const { tenant, app } = contoso();
    const form = {
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      scope,
    };
    const response = await fetch(`${url}/${tenant.id}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'x-forwarded-host': 'login.microsoftonline.com' },
      body: new URLSearchParams(form).toString(),
    });
    return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
  };

  it('needs a token that is whole and for this service', async () => {
    const { simulator } = await start();
    const { url } = simulator;
    const host = 'api.security.microsoft.com';
    const good = await token(url, 'https://api.securitycenter.microsoft.com/.default');
    const other = await token(url, 'https://graph.microsoft.com/.default');
    const changed = good.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await status(url, host)).toBe(401);
    expect(await status(url, host, `Bearer ${other}`)).toBe(401);
    expect(await status(url, host, `Bearer ${changed}`)).toBe(401);
    expect(await status(url, host, 'Bearer eyJhbGciOiJub25lIn0.e30.')).toBe(401);
    expect(await status(url, host, `Bearer ${good}`)).toBe(200);
  });

  it('needs a token that has not expired, and the clients get a new one in time', async () => {
    const { simulator, clients } = await start();
    const good = await token(simulator.url, 'https://api.securitycenter.microsoft.com/.default');
    await clients.defender.get(path`${{ raw: machine }}`, anything);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_001 });
    try {
      expect(await status(simulator.url, 'api.security.microsoft.com', `Bearer ${good}`)).toBe(401);
      await clients.defender.get(path`${{ raw: machine }}`, anything);
    } finally {
      vi.useRealTimers();
    }
  });

  it('to a host that is not simulated is unknown', async () => {
    const { simulator } = await start();
    expect(await status(simulator.url, 'management.usgovcloudapi.net')).toBe(501);
    expect(simulator.unknownCalls()).toMatchObject([
      { host: 'management.usgovcloudapi.net', path: machine, status: 501 },
    ]);
  });

  const incident = armId(triggerBody().object.id);
  const workspace = contoso().workspace.customerId;
  it.each([
    ['graph', 'User.Read.All', (c: Clients) => c.graph.get(path`/v1.0/users/${DANA}`, anything)],
    [
      'graph',
      'User.EnableDisableAccount.All',
      (c: Clients) => c.graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: false }, anything),
    ],
    [
      'graph',
      'User.RevokeSessions.All',
      (c: Clients) => c.graph.post(path`/v1.0/users/${DANA}/revokeSignInSessions`, undefined, anything),
    ],
    [
      'graph',
      'IdentityRiskyUser.Read.All',
      (c: Clients) => c.graph.get(path`/v1.0/identityProtection/riskyUsers/${DANA}`, anything),
    ],
    [
      'defender',
      'Machine.Read.All',
      (c: Clients) => c.defender.get(path`/api/machines/${WORKSTATION}`, anything),
    ],
    [
      'defender',
      'Machine.Isolate',
      (c: Clients) =>
        c.defender.post(
          path`/api/machines/${WORKSTATION}/isolate`,
          { Comment: 'x', IsolationType: 'Full' },
          anything,
        ),
    ],
    [
      'defender',
      'Vulnerability.Read.All',
      (c: Clients) => c.defender.get(path`/api/machines/${WORKSTATION}/vulnerabilities`, anything),
    ],
    [
      'defender',
      'File.Read.All',
      (c: Clients) => c.defender.get(path`/api/files/${'c0ffee01'.repeat(8)}`, anything),
    ],
    [
      'azure',
      'Microsoft Sentinel Responder',
      (c: Clients) => c.arm.get(path`${incident}?api-version=2025-09-01`, anything),
    ],
    [
      'logAnalytics',
      'Data.Read',
      (c: Clients) => c.logs.query(workspace, kql('SigninLogs | summarize', {}), 'P1D'),
    ],
  ] as const)('without %s %s is forbidden, with it allowed', async (api, name, call) => {
    const without = await start(({ app }) => {
      app.permissions[api] = app.permissions[api].filter((granted) => granted !== name);
    });
    const refused = call(without.clients);
    await expect(refused).rejects.toMatchObject({
      info: { code: 'forbidden', retry: 'no', httpStatus: 403 },
    });
    if (api === 'graph' || api === 'defender') {
      await expect(refused).rejects.toMatchObject({ info: { next: expect.stringContaining(name) } });
    }
    const { clients } = await start();
    await expect(call(clients)).resolves.toBeDefined();
  });
  type Clients = Awaited<ReturnType<typeof startContoso>>['clients'];

  it('to disable an administrator needs a role of the app itself', async () => {
    const disable = ({ clients }: { clients: Clients }) =>
      clients.graph.patch(path`/v1.0/users/${PRIYA}`, { accountEnabled: false }, anything);
    await expect(disable(await start())).rejects.toMatchObject({ info: { code: 'forbidden' } });
    const withRole = await start(({ app }) => {
      app.directoryRoles = ['Privileged Authentication Administrator'];
    });
    await expect(disable(withRole)).resolves.toMatchObject({ status: 204 });
  });
});
