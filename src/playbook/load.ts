import { z } from 'zod';
import { compareText } from '../domain/canonical.js';
import type { EntityKind } from '../domain/entities.js';
import type { ActionCatalogue } from './catalogue.js';
import { parseDuration } from './duration.js';
import { type Condition, ConditionScope, type Variable } from './expression.js';
import type { EnrichRule, Playbook, RespondRule } from './playbook.js';
import { type PlaybookProblem, problem } from './problems.js';
import { enrichSchema, playbookFileSchema, respondSchema, tierSchema } from './schema.js';
import { schemaProblems } from './schema-errors.js';
import { suggestion } from './suggest.js';
import { checkTiers, compileTier, type TierUse } from './tiers.js';
import { type ObjectShape, objectShapeOf } from './value-types.js';
import { entityShape, findingShape, incidentShape } from './variables.js';
import { type Path, PlaybookSource } from './yaml-source.js';

export interface PlaybookText {
  readonly path: string;
  readonly text: string;
}
export interface LoadedPlaybooks {
  /** The playbooks without problems, in the order of their file names. */
  readonly playbooks: readonly Playbook[];
  /** Everything that is wrong with the others. */
  readonly problems: readonly PlaybookProblem[];
}

/**
 * Reads playbooks and checks everything: form, names, types of the conditions. `hash` computes the content hash that
 * decisions and plans carry.
 */
export function loadPlaybooks(
  files: readonly PlaybookText[],
  catalogue: ActionCatalogue,
  hash: (value: unknown) => string,
): LoadedPlaybooks {
  const playbooks: Playbook[] = [];
  const problems: PlaybookProblem[] = [];
  const fileOfId = new Map<string, string>();
  for (const { path, text } of [...files].sort((a, b) => compareText(a.path, b.path))) {
    const source = PlaybookSource.parse(path, text);
    if (!(source instanceof PlaybookSource)) {
      problems.push(...source);
      continue;
    }
    const loaded = new Loader(source, catalogue, hash).load();
    if ('problems' in loaded) {
      problems.push(...loaded.problems);
      continue;
    }
    const other = fileOfId.get(loaded.id);
    if (other === undefined) {
      fileOfId.set(loaded.id, path);
      playbooks.push(loaded);
    } else {
      const message = `the id "${loaded.id}" is already used in ${other}`;
      problems.push(problem('duplicate-id', source.place(['id']), message, 'choose another id'));
    }
  }
  return { playbooks, problems };
}

/** An enrichment as conditions see it; parts that are invalid are undefined. */
interface Named {
  readonly as: string;
  readonly rule: EnrichRule | undefined;
  readonly output: ObjectShape | undefined;
}

class Loader {
  private readonly problems: PlaybookProblem[];
  private readonly uses: TierUse[] = [];
  constructor(
    private readonly source: PlaybookSource,
    private readonly catalogue: ActionCatalogue,
    private readonly hash: (value: unknown) => string,
  ) {
    this.problems = schemaProblems(source);
  }

  load(): Playbook | { problems: readonly PlaybookProblem[] } {
    const { data } = this.source;
    const raw = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    const when = typeof raw.when === 'string' ? this.applies(raw.when) : undefined;
    const named = listOf(raw.enrich).map((item, index) => this.enrichment(item, index));
    this.refuseRepeated(named.map(({ as }, index) => ({ name: as, path: ['enrich', index, 'as'] })));
    this.refuseRepeated(
      named.flatMap(({ rule }, index) =>
        rule ? [{ name: rule.action, path: ['enrich', index, 'action'] }] : [],
      ),
    );
    const rules = listOf(raw.respond).map((item, index) => this.response(item, index, named));
    this.refuseRepeated(
      rules.flatMap((rule, index) => (rule ? [{ name: rule.id, path: ['respond', index, 'id'] }] : [])),
    );
    this.tiers(raw);
    const file = playbookFileSchema.safeParse(data);
    if (this.problems.length > 0 || !file.success || when === undefined) {
      return { problems: [...this.problems].sort(byPlace) };
    }
    return {
      id: file.data.id,
      title: file.data.title,
      description: file.data.description,
      file: this.source.file,
      hash: this.hash(file.data),
      when,
      enrich: named.flatMap(({ rule }) => rule ?? []),
      respond: rules.filter((rule) => rule !== undefined),
      tiers: (file.data.approvals?.tiers ?? []).map(compileTier),
    };
  }

  private applies(expression: string): Condition | undefined {
    return this.condition(new ConditionScope(new Map([['incident', incidentShape]])), expression, ['when']);
  }

  private enrichment(raw: unknown, index: number): Named {
    const path = ['enrich', index];
    const parts = partsOf(raw);
    const reserved = parts.as !== undefined && RESERVED.has(parts.as);
    if (reserved || (parts.as !== undefined && !ConditionScope.allows(parts.as))) {
      const message = `"${parts.as}" is a reserved name in conditions`;
      this.report('reserved-name', [...path, 'as'], message, 'choose another name');
    }
    const action = this.action(this.catalogue.enrichments, this.catalogue.responses, parts, path);
    const parsed = enrichSchema.safeParse(raw);
    if (!parsed.success || !action) return { as: parts.as ?? '', rule: undefined, output: undefined };
    const { deadline, ...rest } = parsed.data;
    const rule = { ...rest, deadlineMs: parseDuration(deadline) ?? 0 };
    return { as: rest.as, rule, output: objectShapeOf(action.output) };
  }

  private response(raw: unknown, index: number, named: readonly Named[]): RespondRule | undefined {
    const path = ['respond', index];
    const parts = partsOf(raw);
    const action = this.action(this.catalogue.responses, this.catalogue.enrichments, parts, path);
    if (action && parts.tier !== undefined) {
      const unattended = parts.unattended === true;
      this.uses.push({ action: action.name, tier: parts.tier, unattended, path });
    }
    if (parts.for === undefined || parts.when === undefined) return undefined;
    const scope = new ConditionScope(variablesFor(parts.for, named));
    const when = this.condition(scope, parts.when, [...path, 'when']);
    const parsed = respondSchema.safeParse(raw);
    return parsed.success && when && action ? { ...parsed.data, when } : undefined;
  }

  /** Checks the tiers if their form is valid; `schemaProblems` reports the others. */
  private tiers(raw: Readonly<Record<string, unknown>>): void {
    const given = z.object({ tiers: z.array(z.unknown()) }).safeParse(raw.approvals ?? { tiers: [] });
    if (!given.success) return;
    const tiers = given.data.tiers.flatMap((tier) => tierSchema.safeParse(tier).data ?? []);
    if (tiers.length < given.data.tiers.length) return;
    this.refuseRepeated(
      tiers.map(({ name }, index) => ({ name, path: ['approvals', 'tiers', index, 'name'] })),
    );
    checkTiers(tiers, this.uses, this.catalogue, (...problem) => this.report(...problem));
  }

  private action<A extends { entity: string }>(
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
      this.report('unknown-action', place, message, suggestion(rule.action, [...wanted.keys()]));
    } else if (rule.for !== undefined && action.entity !== rule.for) {
      const message = `${rule.action} is for entities of kind ${action.entity}, not ${rule.for}`;
      this.report('wrong-kind', [...path, 'for'], message, `use: ${action.entity}`);
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
      this.problems.push(problem(code, place, message, hint));
    }
    return undefined;
  }

  private refuseRepeated(names: readonly { name: string; path: Path }[]): void {
    const seen = new Set<string>();
    for (const { name, path } of names) {
      if (name !== '' && seen.has(name))
        this.report('repeated', path, `duplicate name "${name}"`, 'keep one');
      seen.add(name);
    }
  }

  private report(code: string, path: Path, message: string, next: string): void {
    this.problems.push(problem(code, this.source.place(path), message, next));
  }
}

/** The valid parts of a rule: one mistake must not hide the others. */
const part = z.string().optional().catch(undefined);
const partsSchema = z
  .object({
    action: part,
    as: part,
    for: respondSchema.shape.for.optional().catch(undefined),
    when: respondSchema.shape.when.optional().catch(undefined),
    tier: part,
    unattended: z.boolean().optional().catch(undefined),
  })
  .catch({});
type Parts = z.infer<typeof partsSchema>;
const partsOf = (raw: unknown): Parts => partsSchema.parse(raw);

const RESERVED = new Set(['incident', 'entity']);

function variablesFor(kind: EntityKind, named: readonly Named[]): Map<string, Variable> {
  const variables = new Map<string, Variable>([
    ['incident', incidentShape],
    ['entity', entityShape(kind)],
  ]);
  for (const { as, rule, output } of named) {
    if (variables.has(as) || !ConditionScope.allows(as)) continue;
    variables.set(as, rule && output ? findingShape(output, rule.for, kind) : { type: 'any' });
  }
  return variables;
}

const ONLY_INCIDENT = 'only "incident" is available before the enrichments run';
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function byPlace(a: PlaybookProblem, b: PlaybookProblem): number {
  const [lineA = 0, columnA = 0] = a.place.split(':').slice(-2).map(Number);
  const [lineB = 0, columnB = 0] = b.place.split(':').slice(-2).map(Number);
  return lineA - lineB || columnA - columnB;
}
