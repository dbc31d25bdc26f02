/** Checks of approvers against the directory of the simulated tenant. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli, temporaryDirectory } from './run-cli.js';

const shipped = new URL('../../playbooks/ransomware-on-device.yaml', import.meta.url);

it('finds the groups of the shipped playbooks', async () => {
  const { code, stdout } = await cli(['validate', '--live']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('playbooks are valid')]);
});

it('names groups that are missing or too small, with their tier', async () => {
  const directory = temporaryDirectory();
  try {
    const text = readFileSync(shipped, 'utf8')
      .replace('b101, name', 'b901, name')
      .replace('fourEyes: true', 'quorum: 3');
    const path = join(directory.path, 'mine.yaml');
    writeFileSync(path, text);
    const { code, stdout } = await cli(['validate', '--live', path]);
    expect(code).toBe(2);
    expect(stdout).toContain(
      'tier analysts: The group SOC Analysts (00000000-0000-4000-8000-00000000b901) does not exist.',
    );
    expect(stdout).toContain('tier leads: Tier leads has 2 approvers and needs 3');
    expect((await cli(['validate', path])).code).toBe(0);
  } finally {
    directory.remove();
  }
});
