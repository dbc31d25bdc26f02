import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
/** The ids of the policy's groups in the simulated tenant. */
export const GROUPS: Readonly<Record<string, string>> = {
  'soc-analysts': '00000000-0000-4000-8000-00000000b101',
  'soc-leads': '00000000-0000-4000-8000-00000000b102',
};
type Changes = readonly (readonly [string, string])[];
interface PolicyFile {
  groups: Record<string, string>;
  tiers: { approvers: { groups: (string | { id: string; name: string })[] } }[];
}

/** The shipped playbook and the tiers of the shipped policy as one text, with the ids of the groups. */
function shipped(): string {
  const policy = read('policy/approvals.yaml');
  const { groups } = parse(policy) as PolicyFile;
  const tiers = policy
    .slice(policy.indexOf('tiers:'))
    .replace(/^(?=.)/gm, '  ')
    .replace(
      /groups: \[([\w-]+)\]/g,
      (_, name: string) => `groups:\n          - { id: ${GROUPS[name]}, name: ${groups[name]} }`,
    );
  return `${read('playbooks/ransomware-on-device.yaml')}\napprovals:\n${tiers}`;
}

/** Settings for a changed copy of the shipped playbook and policy, in a folder that `remove` deletes. */
export function changedFiles(changes: Changes): {
  readonly settings: Readonly<Record<'PLAYBOOKS_DIRECTORY' | 'APPROVALS_POLICY' | 'APPROVER_GROUPS', string>>;
  remove(): void;
} {
  const text = changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the playbook has no ${from}`);
    return before.replace(from, to);
  }, shipped());
  const [playbook = '', approvals = ''] = text.split('\napprovals:\n');
  const { policy, ids } = policyOf((parse(approvals) as PolicyFile).tiers);
  const folder = mkdtempSync(join(tmpdir(), 'playbooks-'));
  const playbooks = join(folder, 'playbooks');
  mkdirSync(playbooks);
  writeFileSync(join(playbooks, 'ransomware-on-device.yaml'), playbook);
  writeFileSync(join(folder, 'approvals.yaml'), stringify(policy));
  return {
    settings: {
      PLAYBOOKS_DIRECTORY: playbooks,
      APPROVALS_POLICY: join(folder, 'approvals.yaml'),
      APPROVER_GROUPS: JSON.stringify(ids),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Names the groups of tiers that have their ids. */
function policyOf(tiers: PolicyFile['tiers']): { policy: PolicyFile; ids: Record<string, string> } {
  const policy: PolicyFile = { groups: {}, tiers };
  const ids: Record<string, string> = {};
  for (const { approvers } of tiers) {
    approvers.groups = (approvers.groups ?? []).map((group) => {
      if (typeof group === 'string') return group;
      const name = group.name.toLowerCase().replaceAll(' ', '-');
      policy.groups[name] = group.name;
      ids[name] = group.id;
      return name;
    });
  }
  return { policy, ids };
}

/** The same, until the end of the test. */
export function changedPlaybook(changes: Changes): ReturnType<typeof changedFiles>['settings'] {
  const { settings, remove } = changedFiles(changes);
  onTestFinished(remove);
  return settings;
}
