/** A small catalogue and an incident of Contoso for the playbook tests. */
import { z } from 'zod';
import type { Entity } from '../../src/domain/entities.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { found as foundAs } from '../../src/domain/found-by.js';
import type { Incident } from '../../src/domain/incident.ts';
import type { RecordRef, TargetRecord } from '../../src/domain/target.ts';
import {
  type ActionCatalogue,
  type CatalogueEnrichment,
  type CatalogueResponse,
  catalogueOf,
  decide,
  loadPlaybooks,
  type Playbook,
  type PlaybookContext,
  type PlaybookDecision,
  type PlaybookProblem,
  type PlaybookText,
  type ResolvedTarget,
  targetRequests,
  withTiers,
} from '../../src/playbook/index.ts';

const deviceOutput = z.object({
  riskScore: z.enum(['none', 'low', 'medium', 'high']),
  exposure: z.number(),
  critical: z.int(),
  isolated: z.boolean(),
  lastSeen: z.string().optional(),
  group: z.string().nullable(),
  tags: z.array(z.string()),
  users: z.array(z.object({ name: z.string(), admin: z.boolean() })),
  labels: z.record(z.string(), z.string()),
});

const device: CatalogueEnrichment = {
  kind: 'enrichment',
  name: 'defender.device',
  title: 'Device in Defender',
  entity: 'host',
  output: deviceOutput,
  resolver: {
    identify: (entity) =>
      entity.kind === 'host' && entity.fqdn
        ? { ok: true, input: { name: entity.fqdn } }
        : { ok: false, code: 'target-unknown', reason: 'the host has no full name' },
  },
};
const risk: CatalogueEnrichment = {
  kind: 'enrichment',
  name: 'entra.risk',
  title: 'Risk in Entra',
  entity: 'account',
  output: z.object({ level: z.enum(['none', 'low', 'medium', 'high']), updated: z.string().optional() }),
  resolver: {
    identify: (entity) =>
      entity.kind === 'account' && entity.objectId
        ? { ok: true, input: { id: entity.objectId } }
        : { ok: false, code: 'weak-identity', reason: 'the account has no object id' },
  },
};
const isolate: CatalogueResponse = {
  kind: 'response',
  name: 'defender.isolate-device',
  title: 'Isolate device',
  entity: 'host',
  output: z.object({}),
  risk: 'disruptive',
  impact: 'Cuts the device off.',
  takesUpTo: '3d',
  undo: { describe: 'Releases the device.' },
  target: {
    resolver: {
      identify: (entity) =>
        entity.kind === 'host' && entity.mdeId
          ? { ok: true, input: { machine: entity.mdeId } }
          : { ok: false, code: 'ambiguous-target', reason: 'two machines have this name' },
    },
  },
};
const revoke: CatalogueResponse = {
  kind: 'response',
  name: 'entra.revoke-sessions',
  title: 'Revoke sessions',
  entity: 'account',
  output: z.object({}),
  risk: 'safe',
  impact: 'The user signs in again.',
  takesUpTo: '15m',
  undo: { irreversible: 'Sessions cannot be given back.' },
  target: {
    resolver: {
      identify: (entity) =>
        entity.kind === 'account' && entity.objectId
          ? { ok: true, input: { id: entity.objectId } }
          : { ok: false, code: 'weak-identity', reason: 'no object id' },
    },
  },
};
const wipe: CatalogueResponse = {
  ...isolate,
  name: 'intune.wipe',
  title: 'Wipe device',
  risk: 'destructive',
};

const tag: CatalogueResponse = {
  ...isolate,
  name: 'defender.tag-device',
  title: 'Tag device',
  risk: 'reversible',
};

export const catalogue: ActionCatalogue = catalogueOf([device, risk, isolate, revoke, wipe, tag]);

/** Replaces the content hash in tests of the wiring. */
export const plainHash = (value: unknown): string => `hash of ${JSON.stringify(value).length}`;

export const host = (name: string, identity: 'strong' | 'weak' = 'strong'): Entity => ({
  kind: 'host',
  key: `host:mde:${name}`,
  display: `${name}.corp.contoso.com`,
  identity,
  fqdn: `${name}.corp.contoso.com`,
  mdeId: `mde-${name}`,
});
export const account = (name: string, identity: 'strong' | 'weak' = 'strong'): Entity => ({
  kind: 'account',
  key: `account:oid:${name}`,
  display: `${name}@contoso.com`,
  identity,
  objectId: `oid-${name}`,
});

export function incident(entities: Entity[], changes: Partial<Incident> = {}): Incident {
  return {
    key: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/1',
    origin: {
      kind: 'sentinel',
      armId: '/subscriptions/00000000-0000-4000-8000-0000000000AA/incidents/1',
      workspace: {
        subscriptionId: '00000000-0000-4000-8000-0000000000aa',
        resourceGroup: 'rg-soc',
        name: 'law-soc',
      },
    },
    title: 'Ransomware activity on one endpoint',
    description: '',
    severity: 'high',
    status: 'new',
    provider: 'sentinel',
    labels: [{ name: 'tier1', auto: false }],
    tactics: ['Impact'],
    techniques: ['T1486'],
    ruleIds: [],
    products: ['Microsoft Defender for Endpoint'],
    alerts: [],
    entities,
    warnings: [],
    ...changes,
  };
}

/** The record of an entity of this tenant. */
export function recordOf(entity: Entity): TargetRecord {
  return { ...refOf(entity), ids: {}, agreed: [], unchecked: [] };
}
function refOf({ display: name, ...entity }: Entity): RecordRef {
  if (entity.kind === 'account')
    return { kind: 'entra.user', id: entity.objectId ?? entity.key, name, ...foundAs('object-id') };
  const id = entity.kind === 'host' ? (entity.mdeId ?? entity.key) : entity.key;
  return { kind: 'defender.machine', id, name, ...foundAs('defender-id') };
}

/** Decides with the requested records and their inputs, as the services of this tenant would return them. */
export function decideOn(
  playbook: Playbook,
  about: Incident,
  findings: readonly Finding[],
  actions: ActionCatalogue,
  alsoApplied: readonly string[] = [],
  inputOf: (record: TargetRecord, query: unknown) => unknown = (_record, query) => query,
): PlaybookDecision {
  const { wanted, known } = targetRequests(playbook, about, findings, actions);
  const targets = new Map<string, ResolvedTarget>(known);
  for (const { key, entityKey, query } of wanted) {
    const entity = about.entities.find((one) => one.key === entityKey);
    if (entity === undefined) continue;
    const record = recordOf(entity);
    targets.set(key, { ok: true, record, input: inputOf(record, query) });
  }
  return decide(playbook, about, findings, actions, { targets, tenantId: undefined, alsoApplied });
}

const task = (as: string, action: string, entity: Entity) => ({
  as,
  action,
  entityKey: entity.key,
  target: entity.display,
  durationMs: 5,
});
export const found = (
  as: string,
  action: string,
  entity: Entity,
  output: Record<string, unknown>,
): Finding => ({
  status: 'ok',
  ...task(as, action, entity),
  record: refOf(entity),
  output,
});
export const failed = (as: string, action: string, entity: Entity): Finding => ({
  status: 'failed',
  ...task(as, action, entity),
  error: { code: 'forbidden', message: 'the app may not read it', fault: 'caller', retry: 'no' },
});
export const deviceOf = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  riskScore: 'high',
  exposure: 7.5,
  critical: 2,
  isolated: false,
  group: null,
  tags: ['finance'],
  users: [{ name: 'dana', admin: false }],
  labels: { site: 'north' },
  ...changes,
});

export const SOC_ANALYSTS = '00000000-0000-4000-8000-00000000b101';
/** The only tier of that playbook, as plans carry it. */
export const analystsTier = {
  name: 'analysts',
  approvers: { groups: [{ id: SOC_ANALYSTS, name: 'SOC Analysts' }], people: [], automation: [] },
  quorum: 1,
  fourEyes: false,
  remindAfterMs: [],
  deadlineMs: 14_400_000,
  onDeadline: { do: 'nothing' },
  extension: { byMs: 3_600_000, times: 2 },
  undoForMs: 0,
  managersMayDecide: true,
};

/** A complete playbook around one rule's condition. */
export function playbookText(
  when: string,
  more: { tier?: string; for?: string; action?: string } = {},
): string {
  return [
    'id: test-playbook',
    'title: Test',
    'when: incident.severity == "high"',
    'enrich:',
    '  - { action: defender.device, as: device, for: host, deadline: 30s }',
    '  - { action: entra.risk, as: risk, for: account, deadline: 30s }',
    'respond:',
    '  - id: isolate-device',
    `    action: ${more.action ?? 'defender.isolate-device'}`,
    `    for: ${more.for ?? 'host'}`,
    `    when: ${JSON.stringify(when)}`,
    `    tier: ${more.tier ?? 'analysts'}`,
    '    why: The device is at risk.',
    'approvals:',
    '  tiers:',
    '    - name: analysts',
    `      approvers: { groups: [{ id: ${SOC_ANALYSTS}, name: SOC Analysts }] }`,
    '      deadline: 4h',
    '',
  ].join('\n');
}

/** The context of playbooks that have their own tiers. */
export const context: PlaybookContext = {
  catalogue,
  policy: { file: 'policy/approvals.yaml', names: [], tiers: [] },
  ownTiers: 'accepted',
  hash: plainHash,
};

/** Loads playbooks that have their own tiers. */
export function load(files: readonly PlaybookText[]): {
  readonly playbooks: readonly Playbook[];
  readonly problems: readonly PlaybookProblem[];
} {
  const { playbooks, problems } = loadPlaybooks(files, context);
  return { playbooks: playbooks.map((playbook) => withTiers(playbook, [])), problems };
}

/** The playbook of a text. Throws if it has problems. */
export function playbookOf(text: string): Playbook {
  const { playbooks, problems } = load([{ path: 'test.yaml', text }]);
  const [playbook] = playbooks;
  if (playbook === undefined) throw new Error(problems.map((p) => `${p.place} ${p.message}`).join('\n'));
  return playbook;
}

/** `place code: message (next)` of each problem. */
export function problemsOf(text: string): string[] {
  const { problems } = load([{ path: 'test.yaml', text }]);
  return problems.map((p) => `${p.place} ${p.code}: ${p.message}${p.next ? ` (${p.next})` : ''}`);
}
