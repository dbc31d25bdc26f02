import { z } from 'zod';
import { approvalTierSchema } from './approval-tier.js';
import { clip } from './clip.js';
import { incidentChangeSchema } from './incident-change.js';
import { riskSchema } from './risk.js';
import { recordRefSchema, targetRecordSchema } from './target.js';

/** One proposed response on one target record. Pure data: the orchestrator interprets it. */
export const planStepSchema = z.object({
  /** Stable within the plan, e.g. `isolate-device:host:mde:…`. */
  id: z.string(),
  action: z.string(),
  title: z.string(),
  entityKey: z.string(),
  /** Display text of the record, from `targetWords`. */
  target: z.string(),
  /** The one record that all identifiers of the entity refer to. */
  record: targetRecordSchema,
  input: z.record(z.string(), z.unknown()),
  mode: z.enum(['auto', 'approval']),
  /** Name of the tier that decides. Present exactly when `mode` is `approval`. */
  tier: z.string().optional(),
  risk: riskSchema,
  impact: z.string(),
  /** Milliseconds that the effect may take; it is read back for as long. */
  takesUpToMs: z.number().int().positive().optional(),
  reversible: z.boolean(),
  /** How to undo the response, or why that is impossible. */
  undo: z.string(),
  /** The lasting effect that the response begins or ends; other incidents may rely on it. `key`: see `relianceKey`. */
  lasting: z.object({ key: z.string(), does: z.enum(['begin', 'end']) }).optional(),
  /** What makes it another action on the same record than one with other settings, e.g. the label that it adds. */
  variant: z.string().optional(),
  /** What it changes about the incident itself. */
  changes: incidentChangeSchema.optional(),
  why: z.string(),
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** The default selection on every channel. Destructive and irreversible steps are never preselected. */
export function isPreselected({ reversible, risk }: Pick<PlanStep, 'reversible' | 'risk'>): boolean {
  return reversible && risk !== 'destructive';
}

/** A response that the playbook calls for but that must not be carried out; it is left to an analyst. */
export const refusedStepSchema = z.object({
  action: z.string(),
  title: z.string(),
  entityKey: z.string(),
  /** The incident's name of the entity: the record is unknown or irrelevant. */
  target: z.string(),
  code: z.enum([
    'weak-identity',
    'ambiguous-target',
    'identifiers-disagree',
    'not-found',
    'target-unknown',
    'findings-disagree',
    'unsupported-target',
    'condition-unknown',
  ]),
  reason: z.string(),
  /** Records that may be the one. A person confirms one, and acts by hand. Absent: none is known. */
  candidates: z.array(recordRefSchema).optional(),
});
export const planBodySchema = z.object({
  incidentKey: z.string(),
  /** From 2 on: the number of the plan in its run. Absent: the first. */
  round: z.number().int().min(2).optional(),
  playbook: z.object({ id: z.string(), title: z.string(), hash: z.string() }),
  steps: z.array(planStepSchema),
  refused: z.array(refusedStepSchema),
  /** The tiers of the steps and all tiers of their escalation chains. */
  tiers: z.array(approvalTierSchema),
});
/** `hash` is the SHA-256 (hex) of the canonical JSON of the body. A decision is bound to it. */
export const planSchema = planBodySchema.extend({ hash: z.string() });
export type RefusedStep = z.infer<typeof refusedStepSchema>;
export type PlanBody = z.infer<typeof planBodySchema>;
export type Plan = z.infer<typeof planSchema>;

export const conditionResultSchema = z.enum(['true', 'false', 'unknown']);
/** One evaluated condition, with every value that it read. */
export const conditionRecordSchema = z.object({
  /** `when`, or the id of the playbook's response rule. */
  rule: z.string(),
  expression: z.string(),
  entityKey: z.string().optional(),
  result: conditionResultSchema,
  values: z.record(z.string(), z.unknown()),
  /** Why it is unknown: the required findings that failed. */
  because: z.array(z.string()),
});
export const decisionRecordSchema = z.object({
  playbook: z.object({ id: z.string(), title: z.string(), hash: z.string() }),
  conditions: z.array(conditionRecordSchema),
  summary: z.string(),
  /** The built-in accounts of the incident, by name: no rule is about them. Absent: there are none. */
  builtIn: z.array(z.string()).optional(),
});
export type ConditionRecord = z.infer<typeof conditionRecordSchema>;
export type DecisionRecord = z.infer<typeof decisionRecordSchema>;

/** Long enough for the name of a record and its id. */
const LONGEST_LINE = 240;

/** The requested steps as one line: `Isolate the device: ws-1, and 2 more`. Undefined without a plan or steps. */
export function summariseSteps(plan: Plan | undefined, stepIds: readonly string[]): string | undefined {
  const [first, ...more] = plan?.steps.filter(({ id }) => stepIds.includes(id)) ?? [];
  if (first === undefined) return undefined;
  const line = clip(`${first.title}: ${first.target}`, LONGEST_LINE);
  return more.length === 0 ? line : `${line}, and ${more.length} more`;
}
