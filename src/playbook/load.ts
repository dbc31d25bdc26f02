import { z } from 'zod';
import type { ApprovalTier } from '../domain/approval-tier.js';
import { compareText } from '../domain/canonical.js';
import type { EntityKind } from '../domain/entities.js';
import type { ActionCatalogue } from './catalogue.js';
import { compileTier } from './compile-tier.js';
import { parseDuration } from './duration.js';
import { type Condition, ConditionScope, type Variable } from './expression.js';
import type { CheckedPlaybook, EnrichRule, RespondRule } from './playbook.js';
import { ProblemList } from './problem-list.js';
import { type PlaybookProblem, problem } from './problems.js';
import { readTiers } from './read-tiers.js';
import { type Parts, partsOf } from './rule-parts.js';
import { enrichSchema, playbookFileSchema, respondSchema } from './schema.js';
import { schemaProblems } from './schema-errors.js';
import { suggestion } from './suggest.js';
import { ownTierSchema } from './tier-schema.js';
import { checkTierUses, type TierSet, type TierUse } from './tiers.js';
import { type ObjectShape, objectShapeOf } from './value-types.js';
import { entityShape, findingShape, incidentShape } from './variables.js';
import { type Path, YamlSource } from './yaml-source.js';

export interface PlaybookText {
  readonly path: string;
  readonly text: string;
}
/** What playbooks are checked against. */
export interface PlaybookContext {
  readonly catalogue: ActionCatalogue;
  readonly policy: TierSet;
  /** Whether a playbook may have tiers of its own, to try it out without the policy. */
  readonly ownTiers: 'accepted' | 'refused';
  /** Computes the content hash that decisions and plans carry. */
  readonly hash: (value: unknown) => string;
}
export interface LoadedPlaybooks {
  /** The playbooks without problems, in the order of their file names. */
  readonly playbooks: readonly CheckedPlaybook[];
  /** Everything that is wrong with the others. */
  readonly problems: readonly PlaybookProblem[];
}

/** Reads playbooks and checks everything: form, names, types of the conditions. */
export function loadPlaybooks(files: readonly PlaybookText[], context: PlaybookContext): LoadedPlaybooks {
  const playbooks: CheckedPlaybook[] = [];
  const problems: PlaybookProblem[] = [];
  const fileOfId = new Map<string, string>();
  for (const { path, text } of [...files].sort((a, b) => compareText(a.path, b.path))) {
    const source = YamlSource.parse(path, text, 'id, title, when, respond');
    if (!(source instanceof YamlSource)) {
      problems.push(...source);
      continue;
    }
    const loaded = new Loader(source, context).load();
    if ('problems' in loaded) problems.push(...loaded.problems);
    const id = 'problems' in loaded ? idSchema.parse(source.data).id : loaded.id;
    const other = id === undefined ? undefined : fileOfId.get(id);
    if (other !== undefined) {
      const message = `the id "${id}" is already used in ${other}`;
      problems.push(problem('duplicate-id', source.place(['id']), message, 'choose another id'));
      continue;
    }
    if (id !== undefined) fileOfId.set(id, path);
    if (!('problems' in loaded)) playbooks.push(loaded);
  }
  return { playbooks, problems };
}
const idSchema = z.object({ id: z.string().optional().catch(undefined) }).catch({});

/** An enrichment as conditions see it; parts that are invalid are undefined. */
interface Named {
  readonly as: string | undefined;
  readonly action: string | undefined;
  readonly rule: EnrichRule | undefined;
  readonly output: { readonly shape: ObjectShape; readonly of: EntityKind } | undefined;
}

interface OwnTiers extends TierSet {
  readonly compiled: readonly ApprovalTier[];
}

class Loader {
  private readonly problems: ProblemList;
  private readonly uses: TierUse[] = [];
  constructor(
    private readonly source: YamlSource,
    private readonly context: PlaybookContext,
  ) {
    this.problems = new ProblemList(source);
  }

  load(): CheckedPlaybook | { problems: readonly PlaybookProblem[] } {
    const { data } = this.source;
    const raw = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    const own = raw.approvals === undefined ? undefined : this.ownTiers(raw.approvals);
    const tiers = own ?? this.context.policy;
    const choose = `name a tier of ${tiers.file}: ${[...tiers.names, 'auto'].join(', ')}`;
    this.problems.add(
      ...schemaProblems(this.source, playbookFileSchema, (key) => (key === 'tier' ? choose : undefined)),
    );
    const when = typeof raw.when === 'string' ? this.applies(raw.when) : undefined;
    const named = listOf(raw.enrich).map((item, index) => this.enrichment(item, index));
    this.refuseRepeated('enrich', 'as', named);
    this.refuseRepeated('enrich', 'action', named);
    const rules = listOf(raw.respond).map((item, index) => this.response(item, index, named));
    this.refuseRepeated('respond', 'id', listOf(raw.respond).map(partsOf));
    checkTierUses(tiers, this.uses, this.context.catalogue, this.problems.report);
    const file = playbookFileSchema.safeParse(data);
    const problems = this.problems.sorted;
    if (problems.length > 0 || !file.success || when === undefined) return { problems };
    return {
      id: file.data.id,
      title: file.data.title,
      description: file.data.description,
      file: this.source.file,
      hash: this.context.hash(file.data),
      when,
      enrich: named.flatMap(({ rule }) => rule ?? []),
      respond: rules.filter((rule) => rule !== undefined),
      ownTiers: own?.compiled,
    };
  }

  /** The tiers of a playbook that is tried out with its own. */
  private ownTiers(approvals: unknown): OwnTiers {
    if (this.context.ownTiers === 'refused') {
      const place = this.source.keyPlace([], 'approvals');
      const message = 'a playbook has no tiers of its own, except on the simulated tenant';
      this.problems.add(problem('own-tiers', place, message, HOW_TO_MOVE));
    }
    const { tiers: raw } = ownTiersSchema.parse(approvals);
    const set = readTiers(this.source.file, raw, ['approvals', 'tiers'], ownTierSchema, this.problems);
    return { ...set, compiled: set.tiers.map((tier) => compileTier(tier, tier.approvers.groups)) };
  }

  private applies(expression: string): Condition | undefined {
    return this.condition(new ConditionScope(new Map([['incident', incidentShape]])), expression, ['when']);
  }

  private enrichment(raw: unknown, index: number): Named {
    const path = ['enrich', index];
    const parts = partsOf(raw);
    if (parts.as !== undefined && (RESERVED.has(parts.as) || ConditionScope.reserves(parts.as))) {
      const message = `"${parts.as}" is a reserved name in conditions`;
      this.problems.report('reserved-name', [...path, 'as'], message, 'choose another name');
    }
    const { enrichments, responses } = this.context.catalogue;
    const action = this.action(enrichments, responses, parts, path);
    const output = action && { shape: objectShapeOf(action.output), of: action.entity };
    const named = { as: parts.as, action: parts.action, output };
    const parsed = enrichSchema.safeParse(raw);
    if (!parsed.success || !action) return { ...named, rule: undefined };
    const { deadline, ...rest } = parsed.data;
    return { ...named, rule: { ...rest, deadlineMs: parseDuration(deadline) ?? 0 } };
  }

  private response(raw: unknown, index: number, named: readonly Named[]): RespondRule | undefined {
    const path = ['respond', index];
    const parts = partsOf(raw);
    const { enrichments, responses } = this.context.catalogue;
    const action = this.action(responses, enrichments, parts, path);
    if (parts.tier !== undefined) {
      const unattended = parts.unattended === true;
      this.uses.push({ action: parts.action, tier: parts.tier, unattended, path });
    }
    const kind = parts.for ?? action?.entity;
    if (kind === undefined || parts.when === undefined) return undefined;
    const scope = new ConditionScope(variablesFor(kind, named));
    const when = this.condition(scope, parts.when, [...path, 'when']);
    const parsed = respondSchema.safeParse(raw);
    return parsed.success && when && action ? { ...parsed.data, when } : undefined;
  }

  private action<A extends { entity: EntityKind }>(
    wanted: ReadonlyMap<string, A>,
    others: ReadonlyMap<string, unknown>,
    rule: Parts,
    path: Path,
  ): A | undefined {
    if (rule.action === undefined) return undefined;
    const action = wanted.get(rule.action);
    const place = [...path, 'action'];
    if (action === undefined) {
      const message = others.has(rule.action)
        ? `"${rule.action}" does not belong under "${String(path[0])}"`
        : `there is no action "${rule.action}"`;
      this.problems.report('unknown-action', place, message, suggestion(rule.action, [...wanted.keys()]));
    } else if (rule.for !== undefined && action.entity !== rule.for) {
      const message = `${rule.action} is for entities of kind ${action.entity}, not ${rule.for}`;
      this.problems.report('wrong-kind', [...path, 'for'], message, `use: ${action.entity}`);
      return undefined;
    }
    return action;
  }

  private condition(scope: ConditionScope, expression: string, path: Path): Condition | undefined {
    const compiled = scope.compile(expression);
    if (!Array.isArray(compiled)) return compiled;
    for (const { code, start, message, next } of compiled) {
      const place = this.source.textPlace(path, start);
      const hint = code === 'unknown-variable' && path[0] === 'when' ? ONLY_INCIDENT : next;
      this.problems.add(problem(code, place, message, hint));
    }
    return undefined;
  }

  private refuseRepeated<K extends 'as' | 'action' | 'id'>(
    list: string,
    key: K,
    items: readonly { readonly [key in K]?: string | undefined }[],
  ): void {
    this.problems.refuseRepeated(items.map((item, index) => ({ name: item[key], path: [list, index, key] })));
  }
}

const RESERVED = new Set(['incident', 'entity']);

function variablesFor(kind: EntityKind, named: readonly Named[]): Map<string, Variable> {
  const variables = new Map<string, Variable>([
    ['incident', incidentShape],
    ['entity', entityShape(kind)],
  ]);
  for (const { as, output } of named) {
    if (as === undefined || variables.has(as) || !ConditionScope.allows(as)) continue;
    variables.set(as, output ? findingShape(output.shape, output.of, kind) : { type: 'any' });
  }
  return variables;
}

const ONLY_INCIDENT = 'only "incident" is available before the enrichments run';
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const ownTiersSchema = z.object({ tiers: z.array(z.unknown()).catch([]) }).catch({ tiers: [] });
const HOW_TO_MOVE =
  'move the tiers to policy/approvals.yaml, list their groups by name under "groups" there, and put the ids of the ' +
  'groups into the setting APPROVER_GROUPS';
