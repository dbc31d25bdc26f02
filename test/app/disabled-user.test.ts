import { afterEach, expect, it } from 'vitest';
import { Responder, type Tenant } from './responder.js';

const USER = '00000000-0000-4000-8000-00000000a001';
const leads = '    tier: leads\n    why: >-\n      The account is at high risk';
const PLAYBOOK = [
  ['risk.riskLevel == "high" ||', 'risk.riskLevel == "medium" ||'],
  [leads, leads.replace('leads', 'analysts')],
] as const;
let app: Responder;
afterEach(() => app.stop());

const patches = () => app.simulator.calls().filter(({ method }) => method === 'PATCH');
const isEnabled = () => app.tenant().users.find(({ id }) => id === USER)?.accountEnabled;
const disabling = 'entra.disable-user';

it('leaves a user unchanged who was disabled by somebody else after the proposal', async () => {
  app = await Responder.start({ playbook: PLAYBOOK });
  const request = await app.asked(await app.deliver());
  const step = request.plan.steps.find(({ action }) => action === disabling);
  app.simulator.update((tenant: Tenant) => {
    for (const user of tenant.users) if (user.id === USER) user.accountEnabled = false;
  });
  await app.decide(request, { steps: [step?.id ?? ''] });
  const file = await app.ended(request.instanceId);
  expect(file.effects).toMatchObject([{ action: disabling, state: 'already-done' }]);
  // The change cannot be reverted, but the incident can stop relying on it.
  expect(file.approvals.map(({ purpose }) => purpose)).toEqual(['respond', 'undo']);
  expect([isEnabled(), patches()]).toEqual([false, []]);
});
