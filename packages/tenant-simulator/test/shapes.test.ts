import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kql } from '../../../src/domain/builders/kql.js';
import { armId, path } from '../../../src/domain/builders/path.js';
import { type RunningContoso, startContoso, triggerBody, WORKSTATION } from './contoso.js';

/** Paths of a JSON value with the types found there; items of an array are taken together. */
function shapeOf(value: unknown, at = '$', shape = new Map<string, Set<string>>()): Map<string, Set<string>> {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  shape.set(at, (shape.get(at) ?? new Set()).add(type));
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${at}[]`, shape);
  else if (value !== null && typeof value === 'object') {
    for (const [name, part] of Object.entries(value)) shapeOf(part, `${at}.${name}`, shape);
  }
  return shape;
}

/** Every key of the example is there with a type that the example has too; null matches any. */
function differences(answer: unknown, example: unknown, ignore: readonly string[] = []): string[] {
  const given = shapeOf(answer);
  return [...shapeOf(example)].flatMap(([place, types]) => {
    if (ignore.some((name) => place.startsWith(name))) return [];
    const found = given.get(place);
    if (found === undefined) return [`${place} is missing`];
    const fits = [...found].every((type) => type === 'null' || types.has(type) || types.has('null'));
    return fits ? [] : [`${place} is ${[...found].join()} instead of ${[...types].join()}`];
  });
}

it('reports missing keys and other types', () => {
  const real = { a: 1, b: [{ c: 'text' }], d: null };
  expect(differences({ a: '1', b: [{}], d: 4, e: 5 }, real)).toEqual([
    '$.a is string instead of number',
    '$.b[].c is missing',
  ]);
});

const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8'));

const bodies = z.looseObject({});
const incident = armId(triggerBody().object.id);
const API = '2025-09-01';

describe('a simulated answer has the keys and types of the real one', () => {
  let tenant: RunningContoso;
  beforeAll(async () => {
    tenant = await startContoso();
  });
  afterAll(() => tenant.simulator.stop());

  /** The raw answer, with any status. */
  const raw = async (host: string, target: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { 'x-forwarded-host': host, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${tenant.simulator.url}${target}`, { ...init, headers });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const bearer = async (scope: string): Promise<Record<string, string>> => {
    const { tenantId = '', clientId = '', clientSecret = '' } = tenant.config;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    };
    const response = await fetch(`${tenant.simulator.url}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'x-forwarded-host': 'login.microsoftonline.com' },
      body: new URLSearchParams(form).toString(),
    });
    const { access_token } = z.object({ access_token: z.string() }).parse(await response.json());
    return { authorization: `Bearer ${access_token}` };
  };
  const defender = 'https://api.securitycenter.microsoft.com/.default';

  it('of a machine', async () => {
    const { body } = await tenant.clients.defender.get(path`/api/machines/${WORKSTATION}`, bodies);
    expect(differences(body, example('mde-machine'))).toEqual([]);
  });

  it('of vulnerabilities', async () => {
    const { body } = await tenant.clients.defender.get(
      path`/api/machines/${WORKSTATION}/vulnerabilities`,
      bodies,
    );
    expect(differences(body, example('mde-vulnerabilities'))).toEqual([]);
  });

  it('of statistics of a file', async () => {
    const { body } = await tenant.clients.defender.get(
      path`/api/files/${'c0ffee0142'.repeat(4)}/stats`,
      bodies,
    );
    expect(differences(body, example('mde-file-statistics'))).toEqual([]);
  });

  it('of a machine action, new and done', async () => {
    const { defender: client } = tenant.clients;
    const request = { Comment: 'shape', IsolationType: 'Full' };
    const { body } = await client.post(
      path`/api/machines/${WORKSTATION}/isolate`,
      request,
      z.looseObject({ id: z.string() }),
    );
    expect(differences(body, example('mde-isolate-pending'))).toEqual([]);
    tenant.clock.advance(120);
    const done = await client.get(
      path`/api/machineactions/${body.id}`,
      z.looseObject({ status: z.literal('Succeeded') }),
    );
    expect(differences(done.body, example('mde-machine-action-succeeded'))).toEqual([]);
    expect(differences(done.body, example('mde-machine-action-docs'))).toEqual([]);
  });

  it("of Defender's errors", async () => {
    const headers = await bearer(defender);
    const missing = await raw('api.security.microsoft.com', `/api/machines/${'1'.repeat(40)}`, { headers });
    const wrong = await raw('api.security.microsoft.com', `/api/machines/${WORKSTATION}/isolate`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ comment: 'keys are in the wrong case', isolationtype: 'Full' }),
    });
    const [notFound, badRequest] = example('mde-errors') as [unknown, unknown];
    expect(missing).toMatchObject({ status: 404, body: { error: { code: 'ResourceNotFound' } } });
    expect(differences(missing, notFound)).toEqual([]);
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'InvalidRequestBody' } } });
    expect(differences(wrong, badRequest)).toEqual([]);
  });

  it('of an incident', async () => {
    const { body } = await tenant.clients.arm.get(path`${incident}?api-version=${API}`, bodies);
    // Only a closed incident is classified.
    const ignore = ['$.properties.classification'];
    expect(differences(body, example('sentinel-incident'), ignore)).toEqual([]);
  });

  it("of an incident's alerts", async () => {
    const { body } = await tenant.clients.arm.postRead(
      path`${incident}/alerts?api-version=${API}`,
      undefined,
      bodies,
    );
    const ignore = ['$.value[].properties.additionalData.'];
    expect(differences(body, example('sentinel-incident-alerts'), ignore)).toEqual([]);
  });

  it("of an incident's entities", async () => {
    const { body } = await tenant.clients.arm.postRead(
      path`${incident}/entities?api-version=${API}`,
      undefined,
      bodies,
    );
    expect(differences(body, example('sentinel-incident-entities'))).toEqual([]);
  });

  it.each(['Account', 'File', 'FileHash', 'Host', 'Ip', 'Process', 'Url'])(
    'of an entity of kind %s',
    async (kind) => {
      const schema = z.object({ entities: z.array(z.looseObject({ kind: z.string() })) });
      const { body } = await tenant.clients.arm.postRead(
        path`${incident}/entities?api-version=${API}`,
        undefined,
        schema,
      );
      const entities = body.entities.filter((entity) => entity.kind === kind);
      // Azure's own machines and personal ids, which the fixture does not have.
      const ignore = ['azureID', 'omsAgentID', 'puid', 'objectGuid'].map((name) => `$[].properties.${name}`);
      expect(differences(entities, [example(`sentinel-entity-${kind}`)], ignore)).toEqual([]);
    },
  );

  it('of comments', async () => {
    const comment = { properties: { message: 'shape' } };
    await tenant.clients.arm.put(path`${incident}/comments/${'one'}?api-version=${API}`, comment, bodies);
    const { body } = await tenant.clients.arm.get(path`${incident}/comments?api-version=${API}`, bodies);
    // An app has neither address nor name for signing in.
    expect(differences(body, example('sentinel-incident-comments'))).toEqual([]);
  });

  it('of a query', async () => {
    const { workspace } = tenant.simulator.state() as { workspace: { customerId: string } };
    const headers = {
      ...(await bearer('https://api.loganalytics.io/.default')),
      'content-type': 'application/json',
    };
    const query = kql('SigninLogs | summarize', { user: 'dana.ortiz@contoso.com' });
    const answer = await raw('api.loganalytics.io', `/v1/workspaces/${workspace.customerId}/query`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    const cells = ['$.tables[].rows[][]'];
    const { body } = answer as { body: unknown };
    expect(differences(body, example('log-analytics-answer'), cells)).toEqual([]);
    expect(differences(body, example('log-analytics-query'), cells)).toEqual([]);
  });

  it("of Log Analytics' errors", async () => {
    const headers = await bearer('https://api.loganalytics.io/.default');
    const wrong = await raw(
      'api.loganalytics.io',
      '/v1/workspaces/00000000-0000-4000-8000-0000000000ab/query',
      {
        method: 'POST',
        headers,
        body: '{}',
      },
    );
    const all = example('log-analytics-errors') as { status: number; body: unknown }[];
    const real = all.find(({ status }) => status === 400);
    expect(differences(wrong, real, ['$.body.error.innererror'])).toEqual([]);
  });
});
