/** Inbox rules, automatic replies and domains, in the shapes of Microsoft's examples. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { path } from '../../../src/domain/builders/path.js';
import type { TenantState } from '../src/index.js';
import { DANA, LEE, type RunningContoso, startContoso } from './contoso.js';

const anything = z.looseObject({});
const rules = path`/v1.0/users/${DANA}/mailFolders/inbox/messageRules`;
const rule = (id: string) => path`/v1.0/users/${DANA}/mailFolders/inbox/messageRules/${id}`;
let tenant: RunningContoso;
const change = (to: (state: TenantState) => void) => tenant.simulator.update(to as (state: never) => void);
const get = async (where: Parameters<typeof tenant.clients.graph.get>[0]) =>
  (await tenant.clients.graph.get(where, anything)).body;

beforeAll(async () => {
  tenant = await startContoso();
  change((state) => {
    state.app.permissions.graph.push('MailboxSettings.ReadWrite', 'Domain.Read.All');
    state.domains = [{ id: 'contoso.com', isVerified: true, isInitial: false }];
    const base = { isEnabled: true, hasError: false, isReadOnly: false };
    state.mailboxes = [
      {
        id: DANA,
        messageRules: [
          { ...base, id: 'AQAAAJ5dZqA=', displayName: 'From partner', sequence: 2, isReadOnly: true },
          { ...base, id: 'AQAAAJ5dZp8=', displayName: 'Remove spam', sequence: 1, actions: { delete: true } },
        ],
        automaticRepliesSetting: { status: 'disabled', externalAudience: 'none' },
      },
    ];
  });
});
afterAll(() => tenant.simulator.stop());

it('lists rules in their order, and reads one by its id', async () => {
  expect(await get(rules)).toMatchObject({
    '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#users('${DANA}')/mailFolders('inbox')/messageRules`,
    value: [
      { id: 'AQAAAJ5dZp8=', displayName: 'Remove spam', actions: { delete: true } },
      { id: 'AQAAAJ5dZqA=' },
    ],
  });
  expect(await get(rule('AQAAAJ5dZp8='))).toMatchObject({ sequence: 1, isEnabled: true });
});

it('changes only what a request names, and nothing of a read-only rule', async () => {
  const patched = await tenant.clients.graph.patch(rule('AQAAAJ5dZp8='), { isEnabled: false }, anything);
  expect(patched).toMatchObject({ status: 200, body: { displayName: 'Remove spam', isEnabled: false } });
  expect(await get(rule('AQAAAJ5dZp8='))).toMatchObject({ isEnabled: false, actions: { delete: true } });
  await expect(
    tenant.clients.graph.patch(rule('AQAAAJ5dZqA='), { isEnabled: false }, anything),
  ).rejects.toMatchObject({ info: { httpStatus: 400 } });
});

it('has no rules of a user without a mailbox, and no rule that is not there', async () => {
  const other = path`/v1.0/users/${LEE}/mailFolders/inbox/messageRules`;
  await expect(get(other)).rejects.toMatchObject({
    info: { code: 'not-found', serviceCode: 'MailboxNotEnabledForRESTAPI' },
  });
  await expect(get(rule('none'))).rejects.toMatchObject({ info: { serviceCode: 'ErrorItemNotFound' } });
});

it('has automatic replies and domains', async () => {
  expect(await get(path`/v1.0/users/${DANA}/mailboxSettings/automaticRepliesSetting`)).toMatchObject({
    status: 'disabled',
    externalAudience: 'none',
  });
  expect(await get(path`/v1.0/domains`)).toMatchObject({ value: [{ id: 'contoso.com', isVerified: true }] });
});

it('lets an app that may only read change nothing', async () => {
  change(({ app }) => {
    app.permissions.graph = ['MailboxSettings.Read'];
  });
  expect(await get(rules)).toHaveProperty('value');
  await expect(
    tenant.clients.graph.patch(rule('AQAAAJ5dZp8='), { isEnabled: true }, anything),
  ).rejects.toMatchObject({
    info: { httpStatus: 403, serviceCode: 'ErrorAccessDenied' },
  });
});
