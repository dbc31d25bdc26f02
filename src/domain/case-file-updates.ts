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
    leftOut: true,
    content: true,
    proposal: true,
    modifiedAt: true,
    deliveries: true,
    submitters: true,
    handedOverFrom: true,
    handedOverTo: true,
    otherOrigins: true,
    ownEnded: true,
    namesOtherTenant: true,
    involved: true,
    comment: true,
    outcome: true,
    unfinished: true,
    error: true,
  })
  .partial();
export type CaseChanges = z.infer<typeof changesSchema>;

export const caseHeaderSchema = caseFileSchema.pick({
  incidentKey: true,
  origin: true,
  instanceId: true,
  generation: true,
  earlier: true,
  deliveries: true,
  submitters: true,
  handedOverFrom: true,
  otherOrigins: true,
  involved: true,
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
  /** A new plan begins: the run has no outcome any more. Applied before the changes. */
  reopened: z.literal(true).optional(),
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
  // The last update may be applied twice.
  const isReplaced = changes.plan !== undefined && base.plan?.hash !== changes.plan.hash;
  const former = isReplaced && base.plan !== undefined ? [base.plan] : [];
  return {
    ...(update.reopened ? withoutOutcome(base) : base),
    ...changes,
    ...(former.length === 0 ? {} : { formerPlans: [...(base.formerPlans ?? []), ...former] }),
    revision: update.sequence,
    decisions: [...base.decisions, ...update.decisions],
    approvals: mergeBy(base.approvals, update.approvals, (request: ApprovalRequest) => request.id),
    effects: mergeBy(base.effects, update.effects, (effect: Effect) => effect.stepId),
    timeline: [...base.timeline, ...update.timeline],
  };
}

function withoutOutcome({
  outcome: _,
  unfinished: __,
  endedAt: ___,
  error: ____,
  ...rest
}: CaseFile): CaseFile {
  return rest;
}

/** Merges two updates into one with the sequence of the first. The result is the same as applying both in order. */
export function mergeCaseUpdates(first: CaseUpdate, second: CaseUpdate): CaseUpdate {
  const reopened = first.reopened ?? second.reopened;
  const { changes } = second.reopened ? withoutOutcomeIn(first) : first;
  return {
    ...first,
    ...(reopened === undefined ? {} : { reopened }),
    changes: { ...changes, ...second.changes },
    decisions: [...first.decisions, ...second.decisions],
    approvals: mergeBy(first.approvals, second.approvals, (request: ApprovalRequest) => request.id),
    effects: mergeBy(first.effects, second.effects, (effect: Effect) => effect.stepId),
    timeline: [...first.timeline, ...second.timeline],
  };
}

function withoutOutcomeIn({ changes }: CaseUpdate): Pick<CaseUpdate, 'changes'> {
  const { outcome: _, unfinished: __, endedAt: ___, error: ____, ...rest } = changes;
  return { changes: rest };
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
