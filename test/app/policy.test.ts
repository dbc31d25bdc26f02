/** The approval policy of a responder: who decides is bound to a request when it is made. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { hashPlan } from '../../src/approvals/index.js';
import { changedPlaybook } from './playbook.js';
import { REAL_TENANT, Responder, type ResponderOptions } from './responder.js';

async function start(options: ResponderOptions): Promise<Responder> {
  const responder = await Responder.start(options);
  onTestFinished(() => responder.stop());
  return responder;
}
function temporary(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A folder with the shipped playbook and tiers of its own: one lead decides about everything. */
function playbookWithOwnTiers(): string {
  const directory = temporary('playbooks-');
  const shipped = readFileSync(new URL('../../playbooks/ransomware-on-device.yaml', import.meta.url), 'utf8');
  const own = [
    'approvals:',
    '  tiers:',
    '    - name: mine',
    '      approvers: { groups: [{ id: 00000000-0000-4000-8000-00000000b102, name: SOC Leads }] }',
    '      deadline: 1h',
    '',
  ].join('\n');
  writeFileSync(join(directory, 'mine.yaml'), `${shipped.replace(/tier: \w+/g, 'tier: mine')}\n${own}`);
  return directory;
}

it('keeps the tiers of a waiting request when the policy and the ids of its groups change', async () => {
  const settings = changedPlaybook([]);
  const responder = await start({ settings, dataDirectory: join(temporary('host-'), 'data') });
  const before = await responder.asked(await responder.deliver());
  const policy = readFileSync(settings.APPROVALS_POLICY, 'utf8');
  await responder.restart(() =>
    writeFileSync(
      settings.APPROVALS_POLICY,
      policy.replace('- soc-analysts', '- soc-leads').replace('deadline: 4h', 'deadline: 4h\n    quorum: 2'),
    ),
  );
  const after = await responder.request(before.approval.id);
  expect(after.approval).toEqual(before.approval);
  const { hash, ...body } = after.plan;
  expect([hash, hashPlan(body).hash]).toEqual([before.approval.planHash, before.approval.planHash]);
  expect(after.plan.tiers).toEqual(before.plan.tiers);
  // Robin Keller is an analyst, and no lead.
  expect((await responder.decide(after, { by: 'Robin Keller' })).json.code).toBe('approved');
  await responder.ended(before.instanceId);
});

it('gives a new incident the tiers of the new policy', async () => {
  const settings = changedPlaybook([['deadline: 4h', 'deadline: 4h\n      quorum: 2']]);
  const responder = await start({ settings });
  const { approval } = await responder.asked(await responder.deliver());
  expect(approval).toMatchObject({ tier: 'analysts', approvalsNeeded: 2 });
});

it('tries out a playbook with tiers of its own on the simulated tenant', async () => {
  const responder = await start({ settings: { PLAYBOOKS_DIRECTORY: playbookWithOwnTiers() } });
  const request = await responder.asked(await responder.deliver());
  expect(request.approval).toMatchObject({
    tier: 'mine',
    approvers: { groups: [{ name: 'SOC Leads' }] },
  });
  expect((await responder.decide(request, { by: 'Robin Keller' })).status).toBe(403);
});

it('handles nothing on a real tenant while a playbook has tiers of its own', async () => {
  const responder = await start({
    settings: { ...REAL_TENANT, PLAYBOOKS_DIRECTORY: playbookWithOwnTiers() },
  });
  const { status, json } = await responder.fetch('/api/health', {});
  expect([status, json.code]).toEqual([503, 'playbook-invalid']);
  expect(json.detail).toMatch(/mine\.yaml:\d+:1: .*APPROVER_GROUPS.*\[own-tiers\]/);
});
