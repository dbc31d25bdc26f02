/** Accounts that a response cannot stop for good: people see what to do, and the incident does not end as remediated. */
import { expect, it, onTestFinished } from 'vitest';
import { atRisk } from './one-record.js';
import { Responder, type Tenant } from './responder.js';

const USER = '00000000-0000-4000-8000-00000000a001';
const USERS: readonly (readonly [string, object, RegExp])[] = [
  ['a synced account', { onPremisesSyncEnabled: true }, /Disable it on premises/],
  [
    'an administrator',
    { directoryRoles: [{ id: 'role', displayName: 'User Administrator', isBuiltIn: true }] },
    /the administrator role User Administrator.*Disable the account by hand/s,
  ],
];

it.each(USERS)('leaves to people to disable %s', async (_what, more, words) => {
  const change = (tenant: Tenant): void => {
    atRisk(tenant);
    const user = tenant.users.find(({ id }) => id === USER);
    if (user === undefined) throw new Error('the fixture has it');
    const at = { riskLastUpdatedDateTime: '2026-03-10T08:01:40Z' };
    Object.assign(user, more, { risk: { riskLevel: 'high', riskState: 'confirmedCompromised', ...at } });
  };
  const app = await Responder.start({ change });
  onTestFinished(() => app.stop());
  const request = await app.asked(await app.deliver());
  const disabling = 'entra.disable-user';
  expect(request.plan.steps.map(({ action }) => action)).not.toContain(disabling);
  expect(request.plan.refused).toContainEqual(
    expect.objectContaining({
      action: disabling,
      code: 'unsupported-target',
      reason: expect.stringMatching(words),
    }),
  );
  await app.decide(request, { steps: request.plan.steps.map(({ id }) => id) });
  const file = await app.ended(request.instanceId);
  expect(file.outcome).toBe('partly-remediated');
  expect(app.comment()).toMatch(words);
  expect(app.simulator.calls().filter(({ method }) => method === 'PATCH')).toEqual([]);
});
