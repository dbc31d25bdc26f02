/** How a case file grows: each turn with changes adds one numbered update, applied in order and at most once. */
import { z } from 'zod';
import { type ApprovalRequest, approvalRequestSchema, evaluatedDecisionSchema } from './approval.js';
import {
  type CaseFile,
  caseFileSchema,
  type Effect,
  effectSchema,
  timelineEntrySchema,
} from './case-file.js';

/** The fields that a later update may overwrite. */
const changesSchema = caseFileSchema
  .pick({
    title: true,
    number: true,
    severity: true,
    url: true,
    description: true,
    alerts: true,
    stage: true,
    reading: true,
    endedAt: true,
    findings: true,
    decision: true,
    plan: true,
    comment: true,
    outcome: true,
    unfinished: true,
    error: true,
  })
  .partial();
export type CaseChanges = z.infer<typeof changesSchema>;

export const caseHeaderSchema = caseFileSchema.pick({
  incidentKey: true,
  armId: true,
  instanceId: true,
  generation: true,
  earlier: true,
  title: true,
  severity: true,
  receivedAt: true,
});
export type CaseHeader = z.infer<typeof caseHeaderSchema>;

export const caseUpdateSchema = z.object({
  /** Counts from 1 within an instance. */
  sequence: z.number().int().positive(),
  /** Present in the first update only. */
  open: caseHeaderSchema.optional(),
  changes: changesSchema,
  /** Appended to the decisions in the case file. */
  decisions: z.array(evaluatedDecisionSchema),
  /** Each replaces the request with the same id. */
  approvals: z.array(approvalRequestSchema),
  /** Each replaces the effect of the same step. */
  effects: z.array(effectSchema),
  timeline: z.array(timelineEntrySchema),
});
export type CaseUpdate = z.infer<typeof caseUpdateSchema>;

/** Returns the case file after the update. An update that was already applied changes nothing. */
export function applyCaseUpdate(base: CaseFile, update: CaseUpdate): CaseFile {
  if (update.sequence <= base.revision) return base;
  // Updates are JSON, which has no undefined: a present field has a value.
  const changes = update.changes as Partial<CaseFile>;
  return {
    ...base,
    ...changes,
    revision: update.sequence,
    decisions: [...base.decisions, ...update.decisions],
    approvals: mergeBy(base.approvals, update.approvals, (request: ApprovalRequest) => request.id),
    effects: mergeBy(base.effects, update.effects, (effect: Effect) => effect.stepId),
    timeline: [...base.timeline, ...update.timeline],
  };
}

/** Merges two updates into one with the sequence of the first. The result is the same as applying both in order. */
export function mergeCaseUpdates(first: CaseUpdate, second: CaseUpdate): CaseUpdate {
  return {
    ...first,
    changes: { ...first.changes, ...second.changes },
    decisions: [...first.decisions, ...second.decisions],
    approvals: mergeBy(first.approvals, second.approvals, (request: ApprovalRequest) => request.id),
    effects: mergeBy(first.effects, second.effects, (effect: Effect) => effect.stepId),
    timeline: [...first.timeline, ...second.timeline],
  };
}

/** The case file before the first update. */
export function emptyCaseFile(header: CaseHeader): CaseFile {
  return {
    schemaVersion: 1,
    revision: 0,
    ...header,
    stage: 'reading',
    findings: [],
    approvals: [],
    decisions: [],
    effects: [],
    timeline: [],
  };
}

function mergeBy<T>(old: readonly T[], changed: readonly T[], keyOf: (item: T) => string): T[] {
  const merged = new Map(old.map((item) => [keyOf(item), item]));
  for (const item of changed) merged.set(keyOf(item), item);
  return [...merged.values()];
}
