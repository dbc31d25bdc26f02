/** The shipped playbooks and schema, with the shipped actions. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/actions/registry.generated.ts';
import { contentHash } from '../../src/approvals/index.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { TargetRecord } from '../../src/domain/target.ts';
import {
  catalogueOf,
  choosePlaybook,
  compileEnrichments,
  loadPlaybooks,
  loadPolicy,
  playbookJsonSchema,
  policyJsonSchema,
  policyTiers,
  withTiers,
} from '../../src/playbook/index.ts';
import { account, decideOn, failed, found, host, incident } from './contoso.ts';

const catalogue = catalogueOf(actions);
const files = readdirSync('playbooks').map((name) => ({
  path: `playbooks/${name}`,
  text: readFileSync(`playbooks/${name}`, 'utf8'),
}));
const POLICY = 'policy/approvals.yaml';
const loadedPolicy = loadPolicy(POLICY, readFileSync(POLICY, 'utf8'));
const context = {
  catalogue,
  policy: loadedPolicy.policy,
  ownTiers: 'refused',
  hash: contentHash,
} as const;
const loaded = loadPlaybooks(files, context);
const IDS = {
  'soc-analysts': '00000000-0000-4000-8000-00000000b101',
  'soc-leads': '00000000-0000-4000-8000-00000000b102',
};
const resolved = policyTiers(loadedPolicy.policy, IDS);
if ('withoutId' in resolved) throw new Error('every group of the policy has an id');
const playbooks = loaded.playbooks.map((playbook) => withTiers(playbook, resolved.tiers));

describe('the shipped playbooks', () => {
  it('load without a problem', () => {
    expect(loaded.problems).toEqual([]);
    expect(loaded.playbooks).toHaveLength(files.length);
  });

  it.each(files)('$path names its schema for editors', ({ text }) => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/playbook.schema.json');
  });

  it('document themselves in an example that loads', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/playbooks.md', 'utf8'))?.[1] ?? '';
    expect(loadPlaybooks([{ path: 'docs', text: example }], context).problems).toEqual([]);
  });
});

describe('the shipped policy', () => {
  it('loads without a problem, and names its schema for editors', () => {
    expect(loadedPolicy.problems).toEqual([]);
    expect(readFileSync(POLICY, 'utf8').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../schema/approvals.schema.json',
    );
  });

  it('documents itself in an example that loads', () => {
    const blocks = readFileSync('docs/playbooks.md', 'utf8').split('```yaml\n').slice(1);
    const [text = ''] = blocks.find((block) => block.includes('approvals.schema.json'))?.split('```') ?? [];
    expect(loadPolicy('docs', text).problems).toEqual([]);
  });

  it('has the schema that is committed', () => {
    expect(JSON.parse(readFileSync('schema/approvals.schema.json', 'utf8'))).toEqual(policyJsonSchema());
  });
});

describe('the schema for editors', () => {
  const schema = playbookJsonSchema(catalogue);
  it('is the one that is committed', () => {
    expect(JSON.parse(readFileSync('schema/playbook.schema.json', 'utf8'))).toEqual(schema);
  });

  it('spells out the actions, each in its place, and describes every key of a rule', () => {
    const rule = (list: string) =>
      (schema as { properties: Record<string, { items: { properties: Record<string, unknown> } }> })
        .properties[list]?.items.properties ?? {};
    const names = (list: string) =>
      (rule(list).action as { anyOf: { const: string }[] }).anyOf.map((a) => a.const);
    expect(names('enrich')).toEqual([...catalogue.enrichments.keys()]);
    expect(names('respond')).toEqual([...catalogue.responses.keys()]);
    expect(names('respond')).not.toContain('sentinel.comment');
    for (const key of Object.values({ ...rule('enrich'), ...rule('respond') })) {
      expect(key).toHaveProperty('description');
    }
  });
});

describe('ransomware-on-device', () => {
  const ws = host('ws-fin-0142');
  const dana = account('dana');
  const attacked = incident([ws, dana]);
  const playbook = playbooks.find(({ id }) => id === 'ransomware-on-device');
  if (playbook === undefined) throw new Error('the playbook is shipped');

  const device = (changes = {}) =>
    found('device', 'defender.device', ws, {
      machineId: `${'0'.repeat(36)}0142`,
      foundBy: 'defender-id',
      computerDnsName: 'ws-fin-0142.corp.contoso.com',
      osPlatform: 'Windows11',
      isServer: false,
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      riskScore: 'High',
      exposureLevel: 'Medium',
      deviceValue: 'Normal',
      machineTags: [],
      ...changes,
    });
  const vulnerabilities = (exploitable: number) =>
    found('vulnerabilities', 'defender.vulnerabilities', ws, { exploitable, total: 9, critical: 1, high: 2 });
  const user = (changes = {}) =>
    found('user', 'entra.user', dana, {
      objectId: 'oid-dana',
      upn: 'dana@contoso.com',
      displayName: 'Dana',
      accountEnabled: true,
      guest: false,
      synced: false,
      ...changes,
    });
  const risk = (riskLevel: string) =>
    found('risk', 'entra.risk', dana, {
      objectId: 'oid-dana',
      riskLevel,
      riskState: 'none',
      everAtRisk: true,
    });
  const signIns = (risky: number) => found('signIns', 'logs.sign-ins', dana, { risky });
  const inputOf = ({ kind, id, name }: TargetRecord) =>
    kind === 'defender.machine' ? { machineId: id, device: name } : { objectId: id, upn: name };
  const ask = (...findings: Finding[]) => decideOn(playbook, attacked, findings, catalogue, [], inputOf);
  const actionsOf = (...findings: Finding[]) => ask(...findings).body.steps.map((step) => step.action);

  it.each([
    [{}, true],
    [{ severity: 'medium' }, false],
    [{ tactics: [], techniques: [] }, true],
    [{ tactics: [], techniques: [], title: 'Suspicious sign-in' }, false],
    [{ tactics: [], techniques: ['T1490'], title: 'Shadow copies deleted' }, true],
  ] as const)('applies to %o: %s', (changes, applies) => {
    const asked = incident([ws], changes as never);
    expect(choosePlaybook(playbooks, asked).playbook?.id).toBe(applies ? playbook.id : undefined);
  });

  it('runs each enrichment on the entities of the incident', () => {
    expect(compileEnrichments(playbook, attacked, catalogue).tasks.map((task) => task.action)).toEqual([
      'defender.device',
      'defender.vulnerabilities',
      'entra.user',
      'entra.risk',
      'logs.sign-ins',
    ]);
  });

  it('isolates a workstation at high risk, and stops an account at high risk, all with approval', () => {
    const { body } = ask(device(), vulnerabilities(0), user(), risk('high'), signIns(2));
    expect(body.steps.map(({ action, tier }) => [action, tier])).toEqual([
      ['defender.isolate-device', 'analysts'],
      ['entra.revoke-sessions', 'analysts'],
      ['entra.disable-user', 'leads'],
    ]);
    expect(body.refused).toEqual([]);
  });

  it('leaves a clean account alone', () => {
    expect(actionsOf(device(), vulnerabilities(0), user(), risk('none'), signIns(0))).toEqual([
      'defender.isolate-device',
    ]);
  });

  // Its target refuses such accounts, with what to do; a condition that is false would say nothing.
  it('does not silently leave out an account that synchronisation would enable again', () => {
    const findings = [device(), vulnerabilities(0), user({ synced: true }), risk('high'), signIns(0)];
    expect(actionsOf(...findings)).toContain('entra.disable-user');
  });

  it("ignores Windows' own accounts, and leaves a bare account name to analysts", () => {
    const bare = { kind: 'account', identity: 'weak' } as const;
    const own = {
      ...bare,
      identity: 'built-in' as const,
      key: 'account:nt:system',
      display: 'NT AUTHORITY\\SYSTEM',
      ntDomain: 'NT AUTHORITY',
    };
    const service = { ...bare, key: 'account:name:svc', display: 'svc' };
    const { body } = decideOn(playbook, incident([own, service]), [], catalogue);
    expect(body.steps).toEqual([]);
    expect(body.refused.map(({ action, target, code }) => [action, target, code])).toEqual([
      ['entra.revoke-sessions', 'svc', 'weak-identity'],
      ['entra.disable-user', 'svc', 'weak-identity'],
    ]);
  });

  it('needs the risk of the device only if nothing else decides', () => {
    const failedVulnerabilities = failed('vulnerabilities', 'defender.vulnerabilities', ws);
    expect(actionsOf(device(), failedVulnerabilities)).toEqual(['defender.isolate-device']);
    const { body } = ask(device({ riskScore: 'Low' }), failedVulnerabilities);
    expect(body.steps).toEqual([]);
    expect(body.refused[0]).toMatchObject({ action: 'defender.isolate-device', code: 'condition-unknown' });
  });

  it('isolates nothing if Defender does not return exactly one device', () => {
    const { body } = ask(failed('device', 'defender.device', ws), vulnerabilities(3));
    expect(body.steps).toEqual([]);
    expect(body.refused.map(({ action, code }) => [action, code])).toContainEqual([
      'defender.isolate-device',
      'condition-unknown',
    ]);
  });

  it('isolates a server only at high risk', () => {
    const server = { isServer: true, osPlatform: 'WindowsServer2022' };
    expect(actionsOf(device({ ...server, riskScore: 'Medium' }), vulnerabilities(5))).toEqual([]);
    const { body } = ask(device(server), vulnerabilities(0));
    expect(body.steps.map(({ id }) => id)).toEqual(['isolate-server:host:mde:ws-fin-0142']);
  });
});
