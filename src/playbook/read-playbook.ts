/** Reads one playbook and checks everything: form, names, tiers, types of the conditions. */

import { parseDuration } from '../domain/duration.js';
import type { SubjectKind } from '../domain/subject.js';
import type { ActionCatalogue } from './catalogue.js';
import { type Condition, ConditionScope } from './expression.js';
import { readOwnTiers } from './own-tiers.js';
import type { CheckedPlaybook, EnrichRule, RespondRule } from './playbook.js';
import { ProblemList } from './problem-list.js';
import { type PlaybookProblem, problem } from './problems.js';
import { type Parts, partsOf } from './rule-parts.js';
import { readSettings } from './rule-settings.js';
import { enrichSchema, playbookFileSchema, respondSchema } from './schema.js';
import { schemaProblems } from './schema-errors.js';
import { suggestion } from './suggest.js';
import { checkTierUses, type TierUse } from './tier-uses.js';
import type { TierSet } from './tiers.js';
import { objectShapeOf } from './value-types.js';
import { incidentShape, type NamedOutput, RESERVED_NAMES, variablesFor } from './variables.js';
import type { Path, YamlSource } from './yaml-source.js';

/** What playbooks are checked against. */
export interface PlaybookContext {
  readonly catalogue: ActionCatalogue;
  readonly policy: TierSet;
  /** Whether a playbook may have tiers of its own, to try it out without the policy. */
  readonly ownTiers: 'accepted' | 'refused';
  /** Computes the content hash that decisions and plans carry. */
  readonly hash: (value: unknown) => string;
}
export function readPlaybook(
  source: YamlSource,
  context: PlaybookContext,
): CheckedPlaybook | { problems: readonly PlaybookProblem[] } {
  return new Reader(source, context).read();
}

/** An enrichment; parts that are invalid are undefined. */
interface Named extends NamedOutput {
  readonly action: string | undefined;
  readonly rule: EnrichRule | undefined;
}

class Reader {
  private readonly problems: ProblemList;
  private readonly uses: TierUse[] = [];
  constructor(
    private readonly source: YamlSource,
    private readonly context: PlaybookContext,
  ) {
    this.problems = new ProblemList(source);
  }

  read(): CheckedPlaybook | { problems: readonly PlaybookProblem[] } {
    const { data } = this.source;
    const raw = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    const { ownTiers, policy } = this.context;
    const own =
      raw.approvals === undefined
        ? undefined
        : readOwnTiers(raw.approvals, this.source, ownTiers, this.problems);
    const tiers = own ?? policy;
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

  private applies(expression: string): Condition | undefined {
    return this.condition(new ConditionScope(new Map([['incident', incidentShape]])), expression, ['when']);
  }

  private enrichment(raw: unknown, index: number): Named {
    const path = ['enrich', index];
    const parts = partsOf(raw);
    if (parts.as !== undefined && (RESERVED_NAMES.has(parts.as) || ConditionScope.reserves(parts.as))) {
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
    const settings = action && readSettings(action, parts.with, path, this.problems.report);
    if (!parsed.success || !when || !settings?.ok) return undefined;
    return { ...parsed.data, when, with: settings.value };
  }

  private action<A extends { entity: SubjectKind }>(
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
      const noun = action.entity === 'incident' ? 'the incident itself' : `entities of kind ${action.entity}`;
      const message = `${rule.action} is for ${noun}, not ${rule.for}`;
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

const ONLY_INCIDENT = 'only "incident" is available before the enrichments run';
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
