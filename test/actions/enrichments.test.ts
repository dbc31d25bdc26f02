import { afterEach, describe, expect, it } from 'vitest';
import type { Enrichment } from '../../src/actions/define.js';
import { enrichments } from '../../src/actions/registry.generated.js';
import { runEnrichment } from '../../src/actions/run.js';
import {
  ARM,
  type Contoso,
  DANA,
  DEFENDER,
  failing,
  GRAPH,
  incident,
  LOGS,
  MACHINE,
  restrictToBasicProfile,
  SHA1,
  SHA256,
  startContoso,
  withContoso,
} from './contoso.js';

let contoso: Contoso;
afterEach(() => contoso.simulator.stop());

const named = (name: string): Enrichment => {
  const action = enrichments.find((one) => one.name === name);
  if (!action) throw new Error(`no enrichment ${name}`);
  return action;
};
const run = (name: string, input: unknown, more = {}) =>
  runEnrichment(named(name), input, contoso.context(name, 'target', more));

describe('what an enrichment finds', () => {
  it('finds a device by its id, and says whether it is a server', async () => {
    contoso = await startContoso();
    expect(await run('defender.device', { mdeId: MACHINE })).toMatchObject({
      ok: true,
      value: {
        machineId: MACHINE,
        foundBy: 'defender-id',
        isServer: false,
        riskScore: 'High',
      },
    });
    expect(await run('defender.device', { hostName: 'srv-file-03' })).toMatchObject({
      ok: true,
      value: { foundBy: 'short-name', isServer: true },
    });
  });

  it('finds a device by its full name, whatever the letter case', async () => {
    contoso = await startContoso();
    expect(await run('defender.device', { fqdn: 'WS-FIN-0142.corp.contoso.com' })).toMatchObject({
      ok: true,
      value: { machineId: MACHINE, foundBy: 'full-name' },
    });
  });

  it('refuses two machines of one name, and says how many', async () => {
    contoso = await startContoso();
    const result = await run('defender.device', { hostName: 'ws-fin-0142' });
    expect(result).toMatchObject({ ok: false, error: { code: 'ambiguous-target', retry: 'no' } });
    expect(!result.ok && result.error.message).toMatch(/^2 machines/);
  });

  it('does not use the first machine of a name if the list is incomplete', async () => {
    contoso = await startContoso([failing(DEFENDER, /^\/api\/machines$/, { kind: 'part' }, 'GET', 1)]);
    expect(await run('defender.device', { hostName: 'ws-fin-0142' })).toMatchObject({
      ok: false,
      error: { code: 'incomplete-answer', retry: 'no' },
    });
  });

  it('does not take a longer name for the same machine', async () => {
    contoso = await startContoso();
    expect(await run('defender.device', { hostName: 'ws-fin-014' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  it('does not let a host name change the query', async () => {
    contoso = await startContoso();
    const result = await run('defender.device', { hostName: "x' or startswith(computerDnsName,'ws" });
    expect(result).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  it('counts vulnerabilities, worst first', async () => {
    contoso = await startContoso();
    expect(await run('defender.vulnerabilities', { mdeId: MACHINE })).toMatchObject({
      ok: true,
      value: {
        total: 3,
        critical: 1,
        high: 1,
        exploitable: 2,
        worst: ['CVE-2026-0001', 'CVE-2026-0003', 'CVE-2026-0002'],
        complete: true,
      },
    });
  });

  it.each([
    ['sha1', SHA1],
    ['sha256', SHA256],
  ])('knows how common a file is by its %s', async (algorithm, value) => {
    contoso = await startContoso();
    expect(await run('defender.file', { hashes: [{ algorithm, value }] })).toMatchObject({
      ok: true,
      value: {
        known: true,
        organizationPrevalence: 2,
        globalPrevalence: 14,
        signed: false,
        determinationType: 'Malware',
      },
    });
  });

  it('does not read a missing value as false or zero', async () => {
    contoso = await startContoso();
    contoso.change((state) => {
      for (const machine of state.machines) {
        Object.assign(machine, { osPlatform: null, riskScore: null, onboardingStatus: null });
      }
      for (const file of state.files) Object.assign(file, { statistics: {}, globalPrevalence: null });
    });
    restrictToBasicProfile(contoso);
    const [device, user, file] = [
      await run('defender.device', { mdeId: MACHINE }),
      await run('entra.user', { objectId: DANA }),
      await run('defender.file', { hashes: [{ algorithm: 'sha1', value: SHA1 }] }),
    ].map((result) => (result.ok ? result.value : {}));
    for (const word of ['osPlatform', 'isServer', 'riskScore', 'onboardingStatus']) {
      expect(device).not.toHaveProperty(word);
    }
    expect(user).toMatchObject({ objectId: DANA });
    expect(user).not.toHaveProperty('accountEnabled');
    expect(file).toMatchObject({ known: true, determinationType: 'Malware' });
    expect(file).not.toHaveProperty('organizationPrevalence');
    expect(file).not.toHaveProperty('globalPrevalence');
  });

  it('does not read an incomplete answer as none', async () => {
    contoso = await startContoso([failing(DEFENDER, /\/vulnerabilities$/, { kind: 'part' }, 'GET', 1)]);
    contoso.change(({ queries }) => {
      for (const query of queries) {
        Object.assign(query, { partialError: 'A shard did not answer.' });
        query.rows = [[3, 3, 0, 0, 0, ['NL'], [], ['Portal'], '2026-03-10T07:37:20Z']];
      }
    });
    const signIns = await run('logs.sign-ins', { objectId: DANA });
    expect(signIns).toMatchObject({ ok: true, value: { partial: true, total: 3, countries: ['NL'] } });
    for (const name of ['failed', 'risky', 'addresses']) {
      expect(signIns.ok && signIns.value).not.toHaveProperty(name, expect.anything());
    }
    const { ok, ...vulnerabilities } = await run('defender.vulnerabilities', { mdeId: MACHINE });
    expect(vulnerabilities).toMatchObject({ value: { complete: false, total: 1, critical: 1 } });
    expect(vulnerabilities).not.toHaveProperty('value.high', expect.anything());
  });

  it('does not read an empty page as no vulnerabilities', async () => {
    contoso = await startContoso([failing(DEFENDER, /\/vulnerabilities$/, { kind: 'part' }, 'GET', 1)]);
    contoso.change(({ machines }) => {
      for (const machine of machines) machine.vulnerabilities = [];
    });
    const { ok, ...found } = await run('defender.vulnerabilities', { mdeId: MACHINE });
    expect([ok, found]).toMatchObject([true, { value: { complete: false } }]);
    for (const name of ['total', 'exploitable', 'worst']) {
      expect(found).not.toHaveProperty(`value.${name}`, expect.anything());
    }
  });

  it('reports that Defender has never seen a file', async () => {
    contoso = await startContoso();
    expect(
      await run('defender.file', { hashes: [{ algorithm: 'sha1', value: 'ab'.repeat(20) }] }),
    ).toMatchObject({
      ok: true,
      value: { known: false, organizationPrevalence: 0, globalPrevalence: 0, determinationType: 'Unknown' },
    });
  });

  it('reads a user with the manager', async () => {
    contoso = await startContoso();
    expect(await run('entra.user', { upn: 'dana.ortiz@contoso.com' })).toMatchObject({
      ok: true,
      value: { objectId: DANA, guest: false, synced: false, manager: { upn: 'lee.andersen@contoso.com' } },
    });
    expect(await run('entra.user', { upn: 'ana_fabrikam.com#EXT#@contoso.com' })).toMatchObject({
      ok: true,
      value: { guest: true },
    });
  });

  it('reads risk by object id or UPN, and reads a missing entry as no risk', async () => {
    contoso = await startContoso();
    expect(await run('entra.risk', { objectId: DANA })).toMatchObject({
      ok: true,
      value: { riskLevel: 'high' },
    });
    expect(await run('entra.risk', { upn: 'lee.andersen@contoso.com' })).toMatchObject({
      ok: true,
      value: { riskLevel: 'none', everAtRisk: false },
    });
  });

  it('does not read an unknown user as one without risk', async () => {
    contoso = await startContoso();
    expect(await run('entra.risk', { upn: 'no.one@contoso.com' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  it('locates an address, and fails where there is no data', async () => {
    contoso = await startContoso();
    expect(await run('sentinel.ip-geo', { address: '203.0.113.77' })).toMatchObject({
      ok: true,
      value: { country: 'examplia', asn: '64511' },
    });
    expect(await run('sentinel.ip-geo', { address: '198.51.100.1' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  it('summarises sign-ins', async () => {
    contoso = await startContoso();
    expect(await run('logs.sign-ins', { objectId: DANA })).toMatchObject({
      ok: true,
      value: {
        total: 46,
        failed: 5,
        risky: 2,
        countries: ['NL'],
        lastSuccessAt: '2026-03-10T07:37:20Z',
        partial: false,
      },
    });
  });

  it('says that an incident of Defender has no workspace whose log could be queried', async () => {
    contoso = await startContoso();
    const origin = {
      kind: 'defender',
      tenantId: '00000000-0000-4000-8000-0000000000ac',
      id: '7405',
    } as const;
    const more = { incident: { ...incident, origin } };
    const result = await run('logs.sign-ins', { objectId: DANA }, more);
    expect(result).toMatchObject({ ok: false, error: { code: 'no-workspace' } });
    expect(JSON.stringify(result)).not.toContain('SENTINEL_WORKSPACES');
  });

  it('says which setting is missing for sign-ins', async () => {
    contoso = await startContoso();
    const { origin } = incident;
    if (origin.kind !== 'sentinel') throw new Error('not in a workspace');
    const { customerId: _, ...workspace } = origin.workspace;
    const more = { incident: { ...incident, origin: { ...origin, workspace } } };
    expect(await run('logs.sign-ins', { objectId: DANA }, more)).toMatchObject({
      ok: false,
      error: { code: 'no-workspace-id', next: expect.stringContaining('SENTINEL_WORKSPACES') },
    });
  });
});

const CASES = [
  ['defender.device', { mdeId: MACHINE }, DEFENDER, /^\/api\/machines/],
  ['defender.vulnerabilities', { mdeId: MACHINE }, DEFENDER, /\/vulnerabilities$/],
  ['defender.file', { hashes: [{ algorithm: 'sha1', value: SHA1 }] }, DEFENDER, /\/stats$/],
  ['entra.user', { objectId: DANA }, GRAPH, /\/users\//],
  ['entra.risk', { objectId: DANA }, GRAPH, /riskyUsers/],
  ['sentinel.ip-geo', { address: '203.0.113.77' }, ARM, /geodata/],
  ['logs.sign-ins', { objectId: DANA }, LOGS, /query$/],
] as const;

describe.concurrent.each(CASES)('%s, when the service fails', (name, input, service, path) => {
  const method = service === LOGS ? 'POST' : 'GET';
  const runIn = (contoso: Contoso, more = {}) =>
    runEnrichment(named(name), input, contoso.context(name, 'target', more));
  const fails = (answer: Parameters<typeof failing>[2]) => [failing(service, path, answer, method)];

  it('names the permissions that it needs after a 403', () =>
    withContoso(fails({ kind: 'status', status: 403 }), async (contoso) => {
      const result = await runIn(contoso);
      expect(result).toMatchObject({
        ok: false,
        error: { code: 'forbidden', retry: 'no', httpStatus: 403 },
      });
      for (const permission of named(name).permissions) {
        expect(!result.ok && result.error.message).toContain(permission.name);
      }
    }));

  it('passes on how long to wait after a 429', () =>
    withContoso(fails({ kind: 'status', status: 429, retryAfterSeconds: 30 }), async (contoso) => {
      expect(await runIn(contoso)).toMatchObject({
        ok: false,
        error: { code: 'throttled', retry: 'later', retryAfterMs: 30_000 },
      });
    }));

  it('gives no waiting time after a 429 without Retry-After', () =>
    withContoso(fails({ kind: 'status', status: 429 }), async (contoso) => {
      const result = await runIn(contoso);
      expect(result).toMatchObject({ ok: false, error: { code: 'throttled', retry: 'later' } });
      expect(!result.ok && result.error.retryAfterMs).toBeUndefined();
    }));

  it('is repeated later after a 500', () =>
    withContoso(fails({ kind: 'status', status: 500 }), async (contoso) => {
      expect(await runIn(contoso)).toMatchObject({
        ok: false,
        error: { code: 'service-unavailable', retry: 'later', fault: 'service' },
      });
      expect(await runIn(contoso)).toMatchObject({ ok: true });
    }));

  it('times out when there is no answer', () =>
    withContoso(fails({ kind: 'hang' }), async (contoso) => {
      expect(await runIn(contoso, { deadlineMs: 150 })).toMatchObject({
        ok: false,
        error: { code: 'timed-out', retry: 'later' },
      });
    }));

  it('reports an answer that does not match the schema', () =>
    withContoso(fails({ kind: 'garbage' }), async (contoso) => {
      expect(await runIn(contoso)).toMatchObject({ ok: false, error: { code: 'bad-answer' } });
    }));
});
