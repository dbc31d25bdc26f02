/** With invalid settings or playbooks, the app handles nothing and reports the problem. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/app/config.js';
import { Responder, readEvent } from './responder.js';

const CLIENT = '00000000-0000-4000-8000-00000000c22e';
const KEY = 'a signing key of the tests that is longer than thirty-two characters';

interface Listed {
  readonly name: string;
  readonly config: {
    readonly bindings: readonly {
      readonly type: string;
      readonly route?: string;
      readonly methods?: readonly string[];
    }[];
  };
}

async function start(settings: Readonly<Record<string, string>> = {}): Promise<Responder> {
  const responder = await Responder.start({ settings });
  onTestFinished(() => responder.stop());
  return responder;
}

async function functionsOf({ host }: Responder): Promise<readonly Listed[]> {
  return (await (await fetch(`${host.url}/admin/functions`)).json()) as Listed[];
}

describe('an app that is set up', () => {
  it('says so to anybody', async () => {
    const responder = await start();
    const { status, json, headers } = await responder.fetch('/api/health', {});
    expect([status, json, headers.get('cache-control')]).toEqual([200, { status: 'ok' }, 'no-store']);
  });

  it('takes messages only where a namespace is named, whichever way', () => {
    expect(readConfig({}).serviceBus).toBe(false);
    expect(readConfig({ ServiceBusConnection: '' }).serviceBus).toBe(false);
    expect(readConfig({ ServiceBusConnectionString: 'another setting' }).serviceBus).toBe(false);
    expect(readConfig({ ServiceBusConnection: 'Endpoint=sb://contoso-soc.example' }).serviceBus).toBe(true);
    for (const name of [
      'ServiceBusConnection__fullyQualifiedNamespace',
      'SERVICEBUSCONNECTION__serviceUri',
    ]) {
      expect(readConfig({ [name]: 'contoso-soc.servicebus.windows.net' }).serviceBus).toBe(true);
    }
  });

  it('has no trigger that needs the extension of another', async () => {
    const types = new Map(
      (await functionsOf(await start())).map(({ name, config }) => [
        name,
        config.bindings.map(({ type }) => type),
      ]),
    );
    expect(types.get('intakeFromEventGrid')?.sort()).toEqual(['durableClient', 'eventGridTrigger', 'queue']);
    for (const [name, own] of types) {
      const families = own
        .filter((type) => /^(?:serviceBus|eventGrid)/.test(type))
        .map((type) => type.slice(0, 9));
      expect(new Set(families).size, name).toBeLessThan(2);
    }
  });
});

describe('an app with wrong settings', () => {
  it.each([
    [
      { SENTINEL_WORKSPACES: '[{"id":"law-soc"}]' },
      /SENTINEL_WORKSPACES\.0\.id is not the ARM id of a workspace/,
    ],
    // Without a list, incidents of any workspace would be handled.
    [{ SIMULATED_TENANT_URL: '' }, /No Sentinel workspace is configured/],
    // Case files could not be sealed, so incidents would be handled without a visible case file.
    [{ LOCAL_SIGN_IN_SECRET: '' }, /No key is configured for sealing case files/],
    [{ LOCAL_SIGN_IN_SECRET: 'short' }, /LOCAL_SIGN_IN_SECRET is shorter/],
    [{ PLAYBOOKS_DIRECTORY: '/nowhere/at/all' }, /no readable folder .*nowhere/],
    [{ APPROVALS_POLICY: '/nowhere/at/all.yaml' }, /no readable file .*nowhere/],
    // A tier whose approvers are unknown could never be approved, or by too few.
    [{ APPROVER_GROUPS: '' }, /APPROVER_GROUPS has no object id for "soc-analysts" \(policy.*"soc-leads"/],
    [
      { APPROVER_GROUPS: `{"soc-analysts":"${CLIENT}"}` },
      /APPROVER_GROUPS has no .*"soc-leads" \(policy\S+:9:3/,
    ],
    [{ APPROVER_GROUPS: '{"soc-analysts":"SOC"}' }, /APPROVER_GROUPS\.soc-analysts is not a GUID/],
    [{ APPROVER_GROUPS: 'soc-analysts' }, /APPROVER_GROUPS is not JSON/],
    [{ APPROVALS_CLIENT_ID: CLIENT }, /APPROVALS_SIGNING_KEYS is required/],
    [{ APPROVALS_SIGNING_KEYS: `${KEY},short` }, /APPROVALS_SIGNING_KEYS.* holds a key shorter/],
    [{ LOCAL_ANALYSTS: 'not JSON' }, /LOCAL_ANALYSTS is not JSON/],
    [
      { DECISION_SENDERS: '[{"id":"soar","name":"SOAR","keys":[{"kty":"oct","k":"c2VjcmV0"}]}]' },
      /DECISION_SENDERS/,
    ],
  ])('says which on its health route, and how to go on: %o', async (settings, message) => {
    const { status, json, headers } = await (await start(settings)).fetch('/api/health', {});
    expect([status, headers.get('content-type'), headers.get('retry-after')]).toEqual([
      503,
      'application/problem+json',
      '60',
    ]);
    expect(json.code).toBe('configuration');
    expect(json.detail).toMatch(message);
    expect(json.next).toBeTypeOf('string');
    expect(JSON.stringify(json)).not.toMatch(/c2VjcmV0|not JSON"/);
  });

  it('names the place in a wrong playbook', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'playbooks-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'wrong.yaml'), 'id: wrong\ntitle: 7\n');
    const responder = await start({ PLAYBOOKS_DIRECTORY: directory });
    const { status, json } = await responder.fetch('/api/health', {});
    expect([status, json.code]).toEqual([503, 'playbook-invalid']);
    expect(json.detail).toMatch(/wrong\.yaml:\d+:\d+/);
  });

  it('says so on the console, in one line', async () => {
    const { events } = await start({ LOCAL_SIGN_IN_SECRET: 'short' });
    const lines = events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
    expect(
      lines.filter((line) =>
        /Nothing is handled.*configuration.*LOCAL_SIGN_IN_SECRET is shorter.*Next:/.test(line),
      ),
    ).toHaveLength(1);
  });

  it('refuses every call with the problem, and takes part in no instance and no queue', async () => {
    const responder = await start({ SENTINEL_WORKSPACES: 'law-soc' });
    const functions = await functionsOf(responder);
    const types = functions.flatMap(({ config }) => config.bindings.map(({ type }) => type));
    expect(new Set(types)).toEqual(new Set(['httpTrigger', 'http', 'eventGridTrigger']));
    const well = await functionsOf(await start());
    const http = (list: readonly Listed[]) =>
      list.flatMap(({ name, config }) =>
        config.bindings.filter(({ type }) => type === 'httpTrigger').map((one) => ({ ...one, name })),
      );
    expect(http(functions).map(({ name }) => name)).toEqual(http(well).map(({ name }) => name));
    for (const { route = '', methods = [], name } of http(functions)) {
      for (const method of methods) {
        const path = `/${route.replace(/\{\w+\}/g, 'x')}`;
        const { status, json } = await responder.call(
          method,
          path,
          method === 'POST' ? readEvent() : undefined,
        );
        expect([status, json.code], name).toEqual([503, 'configuration']);
      }
    }
  });

  it('has Event Grid send its events again', async () => {
    const responder = await start({ APPROVALS_CLIENT_ID: CLIENT });
    const url = `${responder.host.url}/runtime/webhooks/eventgrid?functionName=intakeFromEventGrid`;
    const event = {
      id: 'e1',
      eventType: 'x',
      subject: 'x',
      dataVersion: '1',
      eventTime: '2026-03-10T08:12:00Z',
      data: readEvent(),
    };
    const { status } = await responder.fetch(url.slice(responder.host.url.length), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'aeg-event-type': 'Notification',
        'aeg-sas-key': responder.host.keys.system,
      },
      body: JSON.stringify([event]),
    });
    expect(status).toBe(500);
  });
});
