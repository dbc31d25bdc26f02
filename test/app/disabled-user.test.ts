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

it('leaves a user alone whom somebody else has disabled since it was proposed', async () => {
  app = await Responder.start({ playbook: PLAYBOOK });
  const request = await app.asked(await app.deliver());
  const step = request.plan.steps.find(({ action }) => action === disabling);
  app.simulator.update((tenant: Tenant) => {
    for (const user of tenant.users) if (user.id === USER) user.accountEnabled = false;
  });
  await app.decide(request, { steps: [step?.id ?? ''] });
  const file = await app.ended(request.instanceId);
  expect(file.effects).toMatchObject([{ action: disabling, state: 'already-done' }]);
  // Nothing of it can be taken back, but the incident can let go of it.
  expect(file.approvals.map(({ purpose }) => purpose)).toEqual(['respond', 'undo']);
  expect([isEnabled(), patches()]).toEqual([false, []]);
});
