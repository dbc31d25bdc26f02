import { canonicalJson, compareText } from '../domain/canonical.js';
import { durationMs } from '../domain/duration.js';
import type { Entity } from '../domain/entities.js';
import type { Finding } from '../domain/finding.js';
import type { Incident } from '../domain/incident.js';
import {
  type ConditionRecord,
  type DecisionRecord,
  type PlanBody,
  type PlanStep,
  type RefusedStep,
  refusedStepSchema,
} from '../domain/plan.js';
import { relianceKey } from '../domain/reliance.js';
import { incidentSubject, type Subject } from '../domain/subject.js';
import {
  candidateWords,
  type RecordRef,
  recordRef,
  recordWords,
  type TargetRecord,
  targetWords,
} from '../domain/target.js';
import type { TenantId } from '../domain/tenant-id.js';
import type { ActionCatalogue, CatalogueResponse } from './catalogue.js';
import { whenRecord } from './choose.js';
import { tiersFor } from './compile-tier.js';
import { asInput, orderedEntities } from './enrichment-plan.js';
import type { VariableContent } from './expression.js';
import type { Playbook, RespondRule } from './playbook.js';
import { type FoundTarget, type ResolvedTarget, type Targets, targetKey } from './targets.js';
import { entityContent, FindingIndex, findingContent, incidentContent } from './variables.js';

export interface PlaybookDecision {
  readonly decision: DecisionRecord;
  readonly body: PlanBody;
}

interface Surroundings {
  readonly targets: Targets;
  readonly tenantId: TenantId | undefined;
  readonly alsoApplied?: readonly string[];
}

/**
 * Decides what to propose. The same playbook, incident and findings give the same bytes, whatever the order of
 * entities and findings. There is no step for a weak identity, for an unknown condition, for a record that already has
 * the step, or for another record than the findings describe. `refused` lists the responses that a rule proposes but
 * that must not run. `targets` are the records of the entities: see `targetRequests`.
 * @param tenantId of the records; undefined if the only tenant has no id
 */
export function decide(
  playbook: Playbook,
  incident: Incident,
  findings: readonly Finding[],
  catalogue: ActionCatalogue,
  { targets, tenantId, alsoApplied = [] }: Surroundings,
): PlaybookDecision {
  const found = new FindingIndex(findings);
  const decider = new Decider(playbook, incident, found, catalogue, targets, tenantId);
  for (const rule of playbook.respond) decider.apply(rule);
  const { id, title, hash } = playbook;
  const refused = decider.remainingRefusals();
  const builtIn = incident.entities
    .flatMap(({ identity, display }) => (identity === 'built-in' ? [display] : []))
    .sort(compareText);
  return {
    decision: {
      playbook: { id, title, hash },
      conditions: [whenRecord(playbook, incident), ...decider.conditions],
      summary: summaryOf(decider.steps, refused, alsoApplied),
      ...(builtIn.length === 0 ? {} : { builtIn }),
    },
    body: {
      incidentKey: incident.key,
      playbook: { id, title, hash },
      steps: decider.steps,
      refused,
      tiers: tiersFor(
        decider.steps.flatMap(({ tier }) => tier ?? []),
        playbook.tiers,
      ),
    },
  };
}

const WEAK =
  'it is identified only by a name that others may share: an analyst must find out which one it is';

class Decider {
  readonly conditions: ConditionRecord[] = [];
  readonly steps: PlanStep[] = [];
  private readonly refused: RefusedStep[] = [];
  private readonly targets = new Set<string>();
  private readonly entities: readonly Entity[];
  private readonly subjects: readonly Subject[];

  constructor(
    private readonly playbook: Playbook,
    private readonly incident: Incident,
    private readonly findings: FindingIndex,
    private readonly catalogue: ActionCatalogue,
    private readonly resolved: Targets,
    private readonly tenantId: TenantId | undefined,
  ) {
    this.entities = orderedEntities(incident);
    this.subjects = [...this.entities, incidentSubject(incident)];
  }

  apply(rule: RespondRule): void {
    const declared = this.catalogue.responses.get(rule.action);
    if (declared === undefined) return;
    const action = { ...declared, title: chosenBy(rule, declared).title ?? declared.title };
    for (const entity of this.subjects) {
      if (entity.kind !== rule.for) continue;
      const record = this.evaluate(rule, entity);
      this.conditions.push(record);
      if (record.result === 'false') continue;
      if (entity.identity === 'weak') this.refuseWeak(action, entity);
      else if (record.result === 'true') this.propose(rule, action, entity);
      else this.refuseUnknown(action, entity, record);
    }
  }

  /** Each refused response once, without those that another rule proposes. */
  remainingRefusals(): RefusedStep[] {
    const seen = new Set<string>(this.steps.map(refusalKey));
    return this.refused.filter((step) => {
      const key = refusalKey(step);
      return seen.has(key) ? false : seen.add(key);
    });
  }

  private evaluate(rule: RespondRule, entity: Subject): ConditionRecord {
    const variables: Record<string, VariableContent> = {
      incident: incidentContent(this.incident),
      entity: entityContent(entity),
    };
    for (const enrichment of this.playbook.enrich) {
      variables[enrichment.as] = findingContent(enrichment, entity, this.entities, this.findings);
    }
    const { result, values, because } = rule.when.evaluate(variables);
    return {
      rule: rule.id,
      expression: rule.when.expression,
      entityKey: entity.key,
      result,
      values: { ...values },
      because: [...because],
    };
  }

  private propose(rule: RespondRule, action: CatalogueResponse, entity: Subject): void {
    const target = this.resolved.get(targetKey(action.name, entity.key));
    if (target === undefined || !target.ok) {
      const { code, reason, candidates } = target ?? NOT_LOOKED_UP;
      this.refuse(action, entity, code, reason, candidates);
      return;
    }
    if (this.targets.has(`${action.name} ${entity.key}${chosenBy(rule, action).key}`)) return;
    for (const one of [target, ...(target.others ?? [])]) this.proposeOn(rule, action, entity, one);
  }

  private proposeOn(
    rule: RespondRule,
    action: CatalogueResponse,
    entity: Subject,
    target: FoundTarget,
  ): void {
    const { record } = target;
    if (record.certainty !== 'certain') {
      this.refuseWeak(action, entity, [recordRef(record)]);
      return;
    }
    const input = asInput(target.input);
    if (input === undefined) {
      this.refuse(action, entity, 'target-unknown', 'the action provides no input for it');
      return;
    }
    const other = this.findings.about(entity.key).find((one) => isAboutAnother(one, record));
    if (other !== undefined) {
      this.refuse(action, entity, 'findings-disagree', aboutAnother(other, record));
      return;
    }
    const chosen = chosenBy(rule, action);
    const keyOf = (of: string) => `${action.name} ${of}${chosen.key}`;
    const key = keyOf(`${record.kind} ${record.id}`);
    if (this.targets.has(key)) return;
    this.targets.add(key).add(keyOf(entity.key));
    const { settings, variant } = chosen;
    const changes = settings === undefined ? undefined : action.settings?.changes?.(settings, input.seen);
    const withChosen = settings === undefined ? input : { ...input, settings };
    this.steps.push({
      ...stepOf(rule, action, entity, { record, input: withChosen }, this.tenantId),
      ...(variant === undefined ? {} : { variant }),
      ...(changes === undefined ? {} : { changes }),
    });
  }

  /** An analyst finds out which record it is; the candidates that the enrichments found are named. */
  private refuseWeak(
    action: CatalogueResponse,
    entity: Subject,
    candidates = this.candidatesOf(entity),
  ): void {
    const reason =
      candidates.length === 0
        ? (this.refusalOf(entity)?.message ?? WEAK)
        : `It may be ${candidates.map(candidateWords).join(' Or it may be ')}`;
    this.refuse(action, entity, 'weak-identity', reason, candidates);
  }

  private candidatesOf(entity: Subject): RecordRef[] {
    const records = this.findings
      .about(entity.key)
      .flatMap((finding) => (finding.status === 'ok' ? [finding.record] : []));
    return [...new Map(records.map((record) => [`${record.kind} ${record.id}`, record])).values()];
  }

  /** If the record of the entity could not be determined, that is the reason; otherwise the condition is. */
  private refuseUnknown(action: CatalogueResponse, entity: Subject, { because }: ConditionRecord): void {
    const candidates = this.candidatesOf(entity).filter(({ certainty }) => certainty !== 'certain');
    if (candidates.length > 0) {
      this.refuseWeak(action, entity, candidates);
      return;
    }
    const refusal = this.refusalOf(entity);
    if (refusal === undefined) {
      this.refuse(action, entity, 'condition-unknown', `unknown: ${because.join('; ')}`);
    } else this.refuse(action, entity, refusal.code, refusal.message);
  }

  /** Why the entity has no record, as an enrichment found. */
  private refusalOf(entity: Subject): { code: RefusedStep['code']; message: string } | undefined {
    for (const finding of this.findings.about(entity.key)) {
      if (finding.status !== 'failed') continue;
      const code = TARGET_CODES.safeParse(finding.error.code).data;
      if (code !== undefined) return { code, message: finding.error.message };
    }
    return undefined;
  }

  private refuse(
    action: CatalogueResponse,
    entity: Subject,
    code: RefusedStep['code'],
    reason: string,
    candidates: readonly RecordRef[] = [],
  ): void {
    const { name, title } = action;
    const entry = { action: name, title, entityKey: entity.key, target: entity.display, code, reason };
    this.refused.push(candidates.length === 0 ? entry : { ...entry, candidates: [...candidates] });
  }
}

const NOT_LOOKED_UP: Extract<ResolvedTarget, { ok: false }> = {
  ok: false,
  code: 'target-unknown',
  reason: 'its record was not looked up',
};
/** Error codes for an entity without exactly one record. */
const TARGET_CODES = refusedStepSchema.shape.code.extract([
  'identifiers-disagree',
  'ambiguous-target',
  'not-found',
]);

/** A condition that holds for one record must not allow an action on another. */
function isAboutAnother(finding: Finding, record: TargetRecord): boolean {
  if (finding.status !== 'ok') return false;
  const { kind, id } = finding.record;
  return ![record, record.partOf].some((one) => one?.kind === kind && one.id === id);
}

function aboutAnother(finding: Finding, record: TargetRecord): string {
  const what = finding.status === 'ok' ? recordWords(finding.record) : 'nothing';
  return `${finding.as} (${finding.action}) describes ${what}, but the response would act on ${recordWords(record)}.`;
}

/** Settings are in the title. */
const refusalKey = ({ action, title, entityKey }: Pick<RefusedStep, 'action' | 'title' | 'entityKey'>) =>
  `${action} ${entityKey} ${title}`;

interface Chosen {
  readonly settings?: unknown;
  readonly title?: string;
  /** What was done with other settings is not done with these. */
  readonly variant?: string;
  /** Keeps it apart in one plan from the same action with other settings; empty: the first rule wins. */
  readonly key: string;
}
/** What the settings of a rule make of a step. */
function chosenBy({ with: settings }: RespondRule, { settings: declared }: CatalogueResponse): Chosen {
  if (declared === undefined || settings === undefined) return { key: '' };
  const variant = declared.variant?.(settings);
  return {
    settings,
    title: declared.title(settings),
    variant: variant ?? canonicalJson(settings),
    key: variant === undefined ? '' : ` ${variant}`,
  };
}

function stepOf(
  rule: RespondRule,
  action: CatalogueResponse,
  entity: Subject,
  { record, input }: { readonly record: TargetRecord; readonly input: Readonly<Record<string, unknown>> },
  tenantId: TenantId | undefined,
): PlanStep {
  const reversible = 'describe' in action.undo;
  const { lasting } = action;
  return {
    // An entity has one record, which may have several parts.
    id: record.partOf === undefined ? `${rule.id}:${entity.key}` : `${rule.id}:${entity.key}:${record.id}`,
    action: action.name,
    title: action.title,
    entityKey: entity.key,
    target: targetWords(record, entity.display),
    record,
    input: { ...input },
    ...(rule.tier === 'auto' ? { mode: 'auto' as const } : { mode: 'approval' as const, tier: rule.tier }),
    risk: action.risk,
    impact: action.impact,
    takesUpToMs: durationMs(action.takesUpTo),
    reversible,
    undo: 'describe' in action.undo ? action.undo.describe : action.undo.irreversible,
    ...(lasting === undefined
      ? {}
      : {
          lasting: {
            key: relianceKey(tenantId, lasting.effect, lasting.key?.(input) ?? record.ids.key ?? record.id),
            does: lasting.does,
          },
        }),
    why: rule.why,
  };
}

function summaryOf(
  steps: readonly PlanStep[],
  refused: readonly RefusedStep[],
  alsoApplied: readonly string[],
): string {
  const proposed = steps.map((step) => `${step.title} (${step.target})`);
  const sentences = [
    proposed.length === 0 ? 'Nothing is proposed.' : `Proposed: ${proposed.join(', ')}.`,
    ...(refused.length === 0
      ? []
      : [`Manual action: ${refused.map((step) => `${step.title} (${step.target})`).join(', ')}.`]),
    ...(alsoApplied.length === 0 ? [] : [`Other playbooks that also apply: ${alsoApplied.join(', ')}.`]),
  ];
  return sentences.join(' ');
}
