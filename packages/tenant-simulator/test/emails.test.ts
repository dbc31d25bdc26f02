/** Hunting for messages and remediating them, in the shapes of Microsoft's examples. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { kql } from '../../../src/domain/builders/kql.js';
import { path } from '../../../src/domain/builders/path.js';
import type { TenantState } from '../src/index.js';
import { type RunningContoso, startContoso } from './contoso.js';

const MESSAGE = '73ca4154-58d8-43d0-a890-08dc18c52e6d';
const HANNAH = 'hannah.jarvis@contoso.com';
const QUERY = `union (EmailEvents | where NetworkMessageId =~ tostring(params.message)),
  (EmailPostDeliveryEvents | where NetworkMessageId =~ tostring(params.message))`;
const BODY = {
  displayName: 'Clean up Phish email',
  description: 'Delete email',
  severity: 'medium',
  action: 'softDelete',
  remediateSendersCopy: false,
  analyzedEmails: [{ networkMessageId: MESSAGE, recipientEmailAddress: HANNAH }],
};
let tenant: RunningContoso;
const change = (to: (state: TenantState) => void) => tenant.simulator.update(to as (state: never) => void);
const remediate = (body: object) =>
  tenant.clients.graph.post(path`/v1.0/security/collaboration/analyzedEmails/remediate`, body, z.unknown());
const hunt = async (query: string) => {
  const body = { Query: query, Timespan: 'P30D' };
  const answer = z.object({ schema: z.array(z.unknown()), results: z.array(z.looseObject({})) });
  return (await tenant.clients.graph.postRead(path`/v1.0/security/runHuntingQuery`, body, answer)).body;
};

beforeAll(async () => {
  tenant = await startContoso();
  change((state) => {
    state.app.permissions.graph.push('ThreatHunting.Read.All', 'SecurityAnalyzedMessage.ReadWrite.All');
    state.emailRemediationSeconds = 60;
    state.emails = [
      {
        networkMessageId: MESSAGE,
        recipientEmailAddress: HANNAH,
        timestamp: '2026-03-10T08:00:00Z',
        subject: 'Invoice',
        senderFromAddress: 'eve@fabrikam.com',
        deliveryLocation: 'Inbox/folder',
        location: 'Inbox/folder',
      },
    ];
  });
});
afterAll(() => tenant.simulator.stop());

it('accepts a remediation without a body, and carries it out later, once', async () => {
  const query = kql(QUERY, { message: MESSAGE });
  expect(await remediate(BODY)).toMatchObject({ status: 202, body: undefined });
  expect((await hunt(query)).results).toMatchObject([{ LatestDeliveryLocation: 'Inbox/folder' }]);
  tenant.clock.advance(61);
  await remediate(BODY);
  tenant.clock.advance(61);
  const { schema, results } = await hunt(query);
  expect(schema).toContainEqual({ name: 'ActionResult', type: 'String' });
  expect(results).toMatchObject([
    { Source: 'EmailEvents', RecipientEmailAddress: HANNAH, LatestDeliveryLocation: 'Deleted items folder' },
    { Source: 'EmailPostDeliveryEvents', Action: 'Soft delete', ActionResult: 'Success' },
  ]);
});

it.each<[string, object]>([
  ['an action that is not documented', { ...BODY, action: 'moveToArchive' }],
  ['no message', { ...BODY, analyzedEmails: [] }],
  ['a text in place of a Boolean', { ...BODY, remediateSendersCopy: 'false' }],
])('refuses %s', async (_what, body) => {
  await expect(remediate(body)).rejects.toMatchObject({ info: { httpStatus: 400 } });
});

it('has its limit for hunting, and needs a permission for each', async () => {
  expect(tenant.simulator.quotaUse()).toContainEqual(
    expect.objectContaining({ family: 'xdr-hunting', throttled: 0 }),
  );
  change(({ app }) => {
    app.permissions.graph = [];
  });
  await expect(remediate(BODY)).rejects.toMatchObject({ info: { httpStatus: 403 } });
  await expect(hunt(kql(QUERY, { message: MESSAGE }))).rejects.toMatchObject({ info: { httpStatus: 403 } });
});
