import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const SHIPPED = readFileSync(new URL('../../playbooks/ransomware-on-device.yaml', import.meta.url), 'utf8');

/** A folder with a changed copy of the shipped playbook; removed after the test. */
export function changedPlaybook(changes: readonly (readonly [string, string])[]): string {
  const text = changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the playbook has no ${from}`);
    return before.replace(from, to);
  }, SHIPPED);
  const folder = mkdtempSync(join(tmpdir(), 'playbooks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ransomware-on-device.yaml'), text);
  return folder;
}
