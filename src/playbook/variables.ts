/** The variables of conditions: the incident, the entity, and the results of enrichments. */
import { z } from 'zod';
import { compareText } from '../domain/canonical.js';
import { type Entity, type EntityKind, entitySchema } from '../domain/entities.js';
import type { Finding } from '../domain/finding.js';
import { type Incident, incidentSchema } from '../domain/incident.js';
import { incidentSubjectSchema, type Subject, type SubjectKind } from '../domain/subject.js';
import { recordWords } from '../domain/target.js';
import type { Content } from './cel-values.js';
import { ConditionScope, type Variable, type VariableContent, type VariableShape } from './expression.js';
import type { EnrichRule } from './playbook.js';
import { type ObjectShape, objectShapeOf } from './value-types.js';

const { title, description, severity, status, provider, tactics, techniques, products, ruleIds } =
  incidentSchema.shape;
const viewSchema = z.object({
  ...{ title, description, severity, status, provider, tactics, techniques, products, ruleIds },
  // Sources write it as text or as a number; texts would be compared by their letters: "100" < "99".
  number: z.int().optional(),
  labels: z.array(z.string()),
  alertCount: z.int(),
  alerts: z.array(
    z.object({
      ...{ title, severity, tactics, techniques },
      product: z.string().optional(),
    }),
  ),
});
type IncidentView = z.infer<typeof viewSchema>;

export const incidentShape: ObjectShape = objectShapeOf(viewSchema);
export const incidentContent = (incident: Incident): Content => ({ known: viewOf(incident) });

function viewOf(incident: Incident): IncidentView {
  return {
    title: incident.title,
    description: incident.description,
    severity: incident.severity,
    status: incident.status,
    provider: incident.provider,
    number: numberOf(incident.number),
    tactics: incident.tactics,
    techniques: incident.techniques,
    products: incident.products,
    ruleIds: incident.ruleIds,
    labels: incident.labels.map((label) => label.name),
    alertCount: incident.alerts.length,
    alerts: incident.alerts.map((alert) => ({
      title: alert.title,
      severity: alert.severity,
      tactics: alert.tactics,
      techniques: alert.techniques,
      product: alert.product,
    })),
  };
}

/** Undefined where it is no whole number: then a condition about it is unknown. */
function numberOf(text: string | undefined): number | undefined {
  const number = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

const entityShapes = new Map<SubjectKind, ObjectShape>([
  ...entitySchema.options.map((option) => [option.shape.kind.value, objectShapeOf(option)] as const),
  ['incident', objectShapeOf(incidentSubjectSchema)],
]);
const entityShape = (kind: SubjectKind): ObjectShape =>
  entityShapes.get(kind) ?? { type: 'object', fields: new Map() };
export const entityContent = (subject: Subject): Content => ({ known: { ...subject } });

/** An enrichment is one object in rules for its own kind of entity, and a list of objects in the others. */
function findingShape(output: ObjectShape, of: EntityKind, inRuleFor: SubjectKind): VariableShape {
  return of === inRuleFor ? output : { type: 'list', items: output };
}

/** The name and the output of an enrichment, as far as they are valid. */
export interface NamedOutput {
  readonly as: string | undefined;
  readonly output: { readonly shape: ObjectShape; readonly of: EntityKind } | undefined;
}

/** The variables that every rule has. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(['incident', 'entity']);

/** The variables of a rule for this kind of entity. */
export function variablesFor(kind: SubjectKind, named: readonly NamedOutput[]): Map<string, Variable> {
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

/** The result of an enrichment, for a rule on this entity. A failed enrichment is unknown, never empty. */
export function findingContent(
  rule: EnrichRule,
  entity: Subject,
  entities: readonly Entity[],
  findings: FindingIndex,
): VariableContent {
  if (rule.for === entity.kind) return contentOf(rule, entity, findings, `${rule.as} (${rule.action})`);
  const items = entities
    .filter((other) => other.kind === rule.for)
    .map((other) => ({
      label: other.key,
      content: contentOf(rule, other, findings, aboutOther(rule, other)),
    }));
  return { items };
}

/** Findings by enrichment and entity; of several for the same pair, the last one applies. */
export class FindingIndex {
  private readonly byName = new Map<string, Finding>();
  private readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    this.findings = [...findings].sort((a, b) => compareText(nameOf(a), nameOf(b)));
    for (const finding of this.findings) this.byName.set(nameOf(finding), finding);
  }
  get(as: string, entityKey: string): Finding | undefined {
    return this.byName.get(nameOf({ as, entityKey }));
  }
  about(entityKey: string): Finding[] {
    return this.findings.filter((finding) => finding.entityKey === entityKey);
  }
}

const nameOf = ({ as, entityKey }: { as: string; entityKey: string }) => `${as} ${entityKey}`;

const aboutOther = (rule: EnrichRule, entity: Entity) => `${rule.as} (${rule.action}) of ${entity.display}`;

function contentOf(rule: EnrichRule, entity: Subject, findings: FindingIndex, about: string): Content {
  const finding = findings.get(rule.as, entity.key);
  if (finding === undefined) return { unknown: `${about}: it was not run` };
  if (finding.status === 'ok') {
    const { record, output } = finding;
    // What a candidate says may be about another device or user.
    return record.certainty === 'certain'
      ? { known: output }
      : { unknown: `${about}: it is about ${recordWords(record)}, only a candidate [weak-identity]` };
  }
  return { unknown: `${about}: ${finding.error.message} [${finding.error.code}]` };
}
