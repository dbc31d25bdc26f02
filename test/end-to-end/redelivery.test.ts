/** A temporary containment disables a user without a decision, and the process ends in the middle. */
import { expect, it } from 'vitest';
import type { Effect } from '../../src/domain/case-file.js';
import { changedPlaybook } from '../app/playbook.js';
import { Running, temporaryDirectory } from '../cli/run-cli.js';
import { tenantOf } from './fixture.js';

const DRIVER = 'test/end-to-end/redelivery-driver.mjs';
const USER = 'dana.ortiz@contoso.com';
const leads = '    tier: leads\n    why: >-\n      The account is at high risk';
const analysts = '    tier: analysts\n    why: >-\n      The account was active';
const DISABLES = [
  ['risk.riskLevel == "high" ||', 'risk.riskLevel == "medium" ||'],
  [leads, leads.replace('leads', 'analysts')],
  [analysts, analysts.replace('analysts', 'leads')],
  ['onDeadline: do-nothing\n      moreTime', 'onDeadline: contain\n      containFor: 10m\n      moreTime'],
] as const;

function filesThatDisable(): readonly string[] {
  const { PLAYBOOKS_DIRECTORY, APPROVALS_POLICY } = changedPlaybook(DISABLES);
  return [PLAYBOOKS_DIRECTORY, APPROVALS_POLICY];
}
const stateOf = async (directory: string) =>
  (await tenantOf(directory)).users.find(({ userPrincipalName }) => userPrincipalName === USER);
const disabling = (stdout: string) =>
  (JSON.parse(stdout) as { effects: Effect[] }).effects.find(({ action }) => action === 'entra.disable-user');

it('enables a user again after a temporary containment', async () => {
  const { path, remove } = temporaryDirectory();
  const life = await new Running([DRIVER, path, ...filesThatDisable()]).ended;
  expect(life.code, life.stderr).toBe(0);
  expect(disabling(life.stdout)).toMatchObject({ state: 'confirmed', undo: { state: 'confirmed' } });
  expect(await stateOf(path)).toMatchObject({ accountEnabled: true });
  remove();
}, 120_000);

it('does not attribute an interrupted disabling to others, and requires a manual check', async () => {
  const { path, remove } = temporaryDirectory();
  const files = filesThatDisable();
  const first = await new Running([DRIVER, path, ...files], { DIE_ONCE_DISABLED: '1' }).ended;
  expect(first.signal, first.stderr).toBe('SIGKILL');
  expect(await stateOf(path)).toMatchObject({ accountEnabled: false });
  const last = await new Running([DRIVER, path, ...files]).ended;
  expect(last.code, last.stderr).toBe(0);
  expect(disabling(last.stdout)).toMatchObject({
    state: 'confirmed',
    undo: { state: 'failed', error: { code: 'undo-unclear', next: expect.stringContaining('audit log') } },
  });
  remove();
}, 120_000);
