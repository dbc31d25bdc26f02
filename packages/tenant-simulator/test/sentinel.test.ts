import type { TenantState } from 'tenant-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { armId, path } from '../../../src/domain/builders/path.js';
import { contoso, type RunningContoso, startContoso, triggerBody } from './contoso.js';

const trigger = triggerBody().object;
const incident = armId(trigger.id);
const VERSION = '2025-09-01';
const incidentSchema = z.looseObject({
  etag: z.string(),
  properties: z.looseObject({
    title: z.string(),
    severity: z.string(),
    status: z.string(),
    lastModifiedTimeUtc: z.string(),
    labels: z.array(z.object({ labelName: z.string(), labelType: z.string() })),
    additionalData: z.looseObject({ commentsCount: z.number() }),
  }),
});
const commentSchema = z.looseObject({
  etag: z.string(),
  properties: z.looseObject({
    message: z.string(),
    createdTimeUtc: z.string(),
    lastModifiedTimeUtc: z.string(),
  }),
});
const listSchema = z.looseObject({ value: z.array(z.looseObject({ id: z.string() })) });

let tenant: RunningContoso;
beforeEach(async () => {
  tenant = await startContoso();
});
afterEach(() => tenant.simulator.stop());

const target = path`${incident}?api-version=${VERSION}`;
const read = async () => (await tenant.clients.arm.get(target, incidentSchema)).body;

describe('an incident', () => {
  it('is found whatever the letter case of its id', async () => {
    const lower = path`${armId(trigger.id.toLowerCase())}?api-version=${VERSION}`;
    const upper = path`${armId(trigger.id.toUpperCase())}?api-version=${VERSION}`;
    for (const where of [lower, upper]) {
      expect((await tenant.clients.arm.get(where, incidentSchema)).body).toEqual(await read());
    }
  });

  it('is changed by its newest version only, and then has a new one', async () => {
    const before = await read();
    const { title, severity } = before.properties;
    const labels = [...before.properties.labels, { labelName: 'checked', labelType: 'User' }];
    const change = { title, severity, status: 'Active', labels, incidentNumber: 9 };
    tenant.clock.advance(60);
    const { body } = await tenant.clients.arm.put(
      target,
      { etag: before.etag, properties: change },
      incidentSchema,
    );
    expect(body.etag).not.toBe(before.etag);
    expect(body.properties).toMatchObject({ status: 'Active', labels, incidentNumber: 2001 });
    expect(body.properties.lastModifiedTimeUtc).toBe('2026-03-10T08:13:00.000Z');
    const stale = { etag: before.etag, properties: { ...change, status: 'New' } };
    await expect(tenant.clients.arm.put(target, stale, incidentSchema)).rejects.toMatchObject({
      info: { code: 'conflict', httpStatus: 409, retry: 'check-before-retry' },
    });
    await expect(
      tenant.clients.arm.put(target, stale, incidentSchema, { ifMatch: before.etag }),
    ).rejects.toMatchObject({
      info: { code: 'precondition-failed', httpStatus: 412, retry: 'check-before-retry' },
    });
    await expect(
      tenant.clients.arm.put(target, { properties: change }, incidentSchema),
    ).rejects.toMatchObject({
      info: { code: 'conflict' },
    });
    expect(await read()).toEqual(body);
  });

  it('needs title, severity and status, and a classification to be closed', async () => {
    const { etag, properties } = await read();
    const { title, severity } = properties;
    const wrong = [
      { severity, status: 'Active' },
      { title, status: 'Active' },
      { title, severity, status: 'Closed' },
    ];
    for (const change of wrong) {
      await expect(
        tenant.clients.arm.put(target, { etag, properties: change }, incidentSchema),
      ).rejects.toMatchObject({ info: { code: 'invalid-request', httpStatus: 400 } });
    }
  });

  it.each([
    [
      'another workspace',
      path`${armId(trigger.id.replace('law-soc', 'law-other'))}?api-version=${VERSION}`,
      404,
    ],
    [
      'another subscription',
      path`${armId(trigger.id.replace('0000000000aa', '0000000000a0'))}?api-version=${VERSION}`,
      404,
    ],
    ['another name', path`${armId(trigger.id.replace('002001', '002002'))}?api-version=${VERSION}`, 404],
    ['no api-version', path`${incident}`, 400],
    ['an api-version that never was', path`${incident}?api-version=2099-01-01`, 400],
  ])('is not found with %s', async (_what, where, httpStatus) => {
    await expect(tenant.clients.arm.get(where, incidentSchema)).rejects.toMatchObject({
      info: { httpStatus },
    });
    expect(tenant.simulator.unknownCalls()).toEqual([]);
  });
});

describe('a comment', () => {
  const where = path`${incident}/comments/${'00000000-0000-4000-8000-00000000c001'}?api-version=${VERSION}`;
  const write = (message: string, etag?: string) =>
    tenant.clients.arm.put(where, { ...(etag ? { etag } : {}), properties: { message } }, commentSchema);

  it('is made once, rewritten in place by its newest version, and counted', async () => {
    const first = await write('one');
    expect(first.status).toBe(201);
    tenant.clock.advance(60);
    await expect(write('two')).rejects.toMatchObject({ info: { code: 'conflict' } });
    const second = await write('two', first.body.etag);
    expect(second.status).toBe(200);
    expect(second.body.properties).toMatchObject({
      message: 'two',
      createdTimeUtc: '2026-03-10T08:12:00.000Z',
    });
    expect(second.body.properties.lastModifiedTimeUtc).toBe('2026-03-10T08:13:00.000Z');
    await expect(write('three', first.body.etag)).rejects.toMatchObject({ info: { code: 'conflict' } });
    expect((await tenant.clients.arm.get(where, commentSchema)).body).toEqual(second.body);
    expect((await read()).properties.additionalData.commentsCount).toBe(1);
  });

  it('has at most 30,000 characters, and an incident at most 100 of them', async () => {
    await expect(write('x'.repeat(30_001))).rejects.toMatchObject({ info: { code: 'invalid-request' } });
    await write('x'.repeat(30_000));
    for (let i = 1; i < 100; i += 1) {
      const other = path`${incident}/comments/${`c${i}`}?api-version=${VERSION}`;
      await tenant.clients.arm.put(other, { properties: { message: 'x' } }, commentSchema);
    }
    const last = path`${incident}/comments/${'c100'}?api-version=${VERSION}`;
    await expect(
      tenant.clients.arm.put(last, { properties: { message: 'x' } }, commentSchema),
    ).rejects.toMatchObject({ info: { code: 'invalid-request' } });
    const all = await tenant.clients.arm.get(path`${incident}/comments?api-version=${VERSION}`, listSchema);
    expect(all.body.value).toHaveLength(100);
  });

  it('that is not there is not found', async () => {
    await expect(tenant.clients.arm.get(where, commentSchema)).rejects.toMatchObject({
      info: { code: 'not-found' },
    });
  });
});

describe('the event of the fixture', () => {
  const post = async (what: 'alerts' | 'entities') =>
    (
      await tenant.clients.arm.postRead(
        path`${incident}/${what}?api-version=${VERSION}`,
        undefined,
        z.looseObject({}),
      )
    ).body;

  it('says what Sentinel answers about the incident', async () => {
    const { alerts, relatedEntities, bookmarks, comments, ...properties } = trigger.properties;
    expect([bookmarks, comments]).toEqual([[], []]);
    expect((await read()).properties).toEqual(properties);
    expect(await post('alerts')).toEqual({ value: alerts });
    const { entities, metaData } = (await post('entities')) as {
      entities: { id: string }[];
      metaData: unknown;
    };
    const byId = (list: readonly { id: string }[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(entities)).toEqual(byId(relatedEntities as { id: string }[]));
    expect(metaData).toContainEqual({ entityKind: 'Host', count: 1 });
  });

  it('links entities that exist', async () => {
    const { entities } = (await post('entities')) as {
      entities: { id: string; properties: Record<string, unknown> }[];
    };
    const ids = entities.map(({ id }) => id);
    const links = entities.flatMap(({ properties }) =>
      Object.entries(properties).flatMap(([name, value]) => (/EntityIds?$/.test(name) ? [value].flat() : [])),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !ids.includes(String(link)))).toEqual([]);
  });

  it('names only people, machines and addresses that are made up', () => {
    const text = JSON.stringify([contoso(), trigger]);
    const addresses = text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [];
    expect(addresses.filter((address) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))).toEqual(
      [],
    );
    const domains = text.match(/@[a-z.-]+\.[a-z]+/g) ?? [];
    // The latter ends the ids of channels in Teams.
    expect(new Set(domains)).toEqual(new Set(['@contoso.com', '@thread.tacv']));
  });

  it('is about a machine, files and users that the tenant has', () => {
    const state = tenant.simulator.state() as TenantState;
    const entities = trigger.properties.relatedEntities as {
      kind: string;
      properties: Record<string, unknown>;
    }[];
    const of = (kind: string) =>
      entities.filter((entity) => entity.kind === kind).map(({ properties }) => properties);
    const [host] = of('Host') as { additionalData: { MdatpDeviceId: string; FQDN: string } }[];
    const machine = state.machines.find(({ id }) => id === host?.additionalData.MdatpDeviceId);
    expect(machine?.computerDnsName).toBe(host?.additionalData.FQDN);
    const [account] = of('Account');
    expect(state.users.map(({ id }) => id)).toContain(account?.aadUserId);
    const known = state.files.flatMap(({ sha1, sha256, md5 }) => [sha1, sha256, md5]);
    expect(of('FileHash').filter(({ hashValue }) => !known.includes(hashValue as string))).toEqual([]);
  });
});
