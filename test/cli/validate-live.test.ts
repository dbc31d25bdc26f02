/** Checks of approvers against the directory of the simulated tenant. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli, temporaryDirectory } from './run-cli.js';

it('finds the groups of the shipped policy', async () => {
  const { code, stdout } = await cli(['validate', '--live']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('are valid')]);
});

it('names groups of the policy that are too small, with their tier', async () => {
  const directory = temporaryDirectory();
  try {
    const policy = join(directory.path, 'approvals.yaml');
    writeFileSync(
      policy,
      readFileSync('policy/approvals.yaml', 'utf8').replace('fourEyes: true', 'quorum: 3'),
    );
    const { code, stdout } = await cli(['validate', '--live', '--policy', policy]);
    expect([code, stdout]).toEqual([
      2,
      expect.stringContaining('tier leads: Tier leads has 2 approvers and needs 3'),
    ]);
    expect((await cli(['validate', '--policy', policy])).code).toBe(0);
  } finally {
    directory.remove();
  }
});

it('names groups of the policy that have no id', async () => {
  const directory = temporaryDirectory();
  try {
    const policy = join(directory.path, 'approvals.yaml');
    writeFileSync(policy, readFileSync('policy/approvals.yaml', 'utf8').replaceAll('soc-leads', 'leads'));
    const { code, stdout } = await cli(['validate', '--live', '--policy', policy]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/approvals\.yaml:\d+:3: .*APPROVER_GROUPS.*"leads".*\[group-without-id\]/);
  } finally {
    directory.remove();
  }
});

it('names groups that are missing in a playbook with its own tiers, which a real tenant refuses', async () => {
  const directory = temporaryDirectory();
  try {
    const path = join(directory.path, 'mine.yaml');
    const own = [
      'approvals:',
      '  tiers:',
      '    - name: analysts',
      '      approvers: { groups: [{ id: 00000000-0000-4000-8000-00000000b901, name: SOC }] }',
      '      deadline: 1h',
      '    - name: leads',
      '      approvers: { groups: [{ id: 00000000-0000-4000-8000-00000000b102, name: SOC Leads }] }',
      '      deadline: 1h',
      '',
    ].join('\n');
    writeFileSync(path, `${readFileSync('playbooks/ransomware-on-device.yaml', 'utf8')}\n${own}`);
    const { code, stdout } = await cli(['validate', '--live', path]);
    expect(code).toBe(2);
    expect(stdout).toContain('The group SOC (00000000-0000-4000-8000-00000000b901) does not exist.');
    expect(await cli(['validate', path])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('[own-tiers]'),
    });
    expect(await cli(['validate', '--real-tenant', path])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('[own-tiers]'),
    });
  } finally {
    directory.remove();
  }
});

it('fails where there is no playbook to check', async () => {
  const directory = temporaryDirectory();
  try {
    const { code, stderr } = await cli(['validate', directory.path]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('[no-playbooks]')]);
    expect((await cli(['validate', join(directory.path, 'missing')])).code).toBe(2);
  } finally {
    directory.remove();
  }
});
