/** Groups, members and reports, as Graph returns them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listGroupUsers } from '../../../src/connectors/groups.js';
import type { RestClient } from '../../../src/connectors/index.js';
import { path } from '../../../src/domain/builders/path.js';
import { contoso, DANA, LEE, type RunningContoso, startContoso } from './contoso.js';

const ANALYSTS = '00000000-0000-4000-8000-00000000b101';
const LEADS = '00000000-0000-4000-8000-00000000b102';
const KIM = '00000000-0000-4000-8000-00000000a104';
const UNKNOWN_ID = '00000000-0000-4000-8000-00000000b999';

describe('a tenant with groups', () => {
  let tenant: RunningContoso;
  let graph: RestClient;
  beforeAll(async () => {
    tenant = await startContoso();
    ({ graph } = tenant.clients);
  });
  afterAll(() => tenant.simulator.stop());

  const check = async (user: string, groupIds: readonly string[]) => {
    const schema = z.object({ value: z.array(z.string()) });
    return (await graph.postRead(path`/v1.0/users/${user}/checkMemberGroups`, { groupIds }, schema)).body
      .value;
  };

  it('knows members through groups within groups, and nothing of groups that it does not have', async () => {
    expect(await check(KIM, [ANALYSTS, LEADS, UNKNOWN_ID])).toEqual([ANALYSTS, LEADS]);
    expect(await check(DANA, [ANALYSTS, LEADS])).toEqual([]);
    await expect(check(UNKNOWN_ID, [ANALYSTS])).rejects.toMatchObject({ info: { code: 'not-found' } });
  });

  it('takes twenty groups at once, not more', async () => {
    const many = (n: number) => Array.from({ length: n }, () => LEADS);
    expect(await check(KIM, many(20))).toHaveLength(20);
    await expect(check(KIM, many(21))).rejects.toMatchObject({ info: { code: 'invalid-request' } });
  });

  it('lists users, not the groups within', async () => {
    const users = await listGroupUsers(graph, ANALYSTS);
    expect(users).toContain(KIM);
    expect(users).not.toContain(LEADS);
    expect(await listGroupUsers(graph, UNKNOWN_ID)).toBeUndefined();
  });

  it('has direct reports', async () => {
    const schema = z.object({ value: z.array(z.object({ id: z.string() })) });
    const reportsOf = async (id: string) =>
      (await graph.get(path`/v1.0/users/${id}/directReports?$select=id&$top=999`, schema)).body.value;
    expect(await reportsOf(LEE)).toEqual([{ id: DANA }]);
    expect(await reportsOf(KIM)).toEqual([]);
    await expect(reportsOf(UNKNOWN_ID)).rejects.toMatchObject({ info: { code: 'not-found' } });
  });
});

it('refuses calls about groups without the permission', async () => {
  const { app, ...rest } = contoso();
  const graphPermissions = app.permissions.graph.filter((name) => name !== 'GroupMember.Read.All');
  const permissions = { ...app.permissions, graph: graphPermissions };
  const tenant = await startContoso({ tenant: { ...rest, app: { ...app, permissions } } });
  await expect(listGroupUsers(tenant.clients.graph, ANALYSTS)).rejects.toMatchObject({
    info: { code: 'forbidden' },
  });
  await tenant.simulator.stop();
});
