/**
 * The case file: everything about one run of an incident. Only the orchestration writes it, except for rejected
 * submissions, which the channels record.
 */
import { z } from 'zod';
import { approvalRequestSchema, evaluatedDecisionSchema } from './approval.js';
import { errorInfoSchema } from './errors.js';
import { type Finding, findingSchema } from './finding.js';
import { handedOverSchema } from './handed-over.js';
import { alertSchema } from './incident.js';
import { ownChangesSchema } from './incident-change.js';
import { incidentOriginSchema } from './incident-origin.js';
import { involvedSchema } from './involved.js';
import { decisionRecordSchema, planSchema } from './plan.js';
import { readingSchema } from './reading.js';
import { refusedDecisionsSchema } from './refused-decisions.js';
import { severitySchema } from './severity.js';
import { unfinishedSchema } from './unfinished.js';

export const stageSchema = z.enum([
  'reading',
  'enriching',
  'deciding',
  'awaiting-approval',
  'remediating',
  'confirming',
  'ended',
]);
export const outcomeSchema = z.enum([
  'remediated',
  'partly-remediated',
  'rejected',
  'expired',
  'contained',
  'undone',
  'no-action',
  'no-playbook',
  'needs-analyst',
  'incident-closed',
  'incident-merged',
  'incident-gone',
  'handled-elsewhere',
]);
export type Stage = z.infer<typeof stageSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;

/**
 * The undo of a step, with the same states as the effect of the step. `not-ours`: others caused the effect that is in
 * force, so it was not touched. `relied-on`: another incident relies on the effect; this incident no longer does.
 */
export const undoEffectSchema = z.object({
  state: z.enum([
    'intended',
    'requested',
    'already-done',
    'confirmed',
    'unconfirmed',
    'failed',
    'not-ours',
    'relied-on',
  ]),
  /** `decision`: an approver decided it. `containment-over`: the temporary containment ended. */
  because: z.enum(['decision', 'containment-over']),
  watchedUntil: z.string().optional(),
  proof: z.string().optional(),
  evidence: z.record(z.string(), z.string()).optional(),
  error: errorInfoSchema.optional(),
  at: z.string(),
});
export type UndoEffect = z.infer<typeof undoEffectSchema>;

/**
 * The effect of one step: `intended` before the call, later the state that reading back has proved. `handed-over`: it is not
 * carried out, because a case that has handed over to this one has done it; see `handedOverFrom`.
 */
export const effectSchema = z.object({
  stepId: z.string(),
  action: z.string(),
  target: z.string(),
  state: z.enum([
    'intended',
    'requested',
    'already-done',
    'confirmed',
    'unconfirmed',
    'failed',
    'handed-over',
  ]),
  /** Present once an approver or a deadline has requested the undo. */
  undo: undoEffectSchema.optional(),
  /** Of an unconfirmed effect that may still come: it is read back until then. ISO 8601, UTC. */
  watchedUntil: z.string().optional(),
  /** The effect was in force, and others have ended it since. */
  endedByOthers: z.object({ at: z.string(), reason: z.string() }).optional(),
  /** One sentence of proof, e.g. the machine action that was read back and its status. */
  proof: z.string().optional(),
  evidence: z.record(z.string(), z.string()).optional(),
  error: errorInfoSchema.optional(),
  at: z.string(),
});
export type Effect = z.infer<typeof effectSchema>;

export const timelineEntrySchema = z.object({
  at: z.string(),
  stage: stageSchema,
  text: z.string(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Summary of an earlier run of the same incident. */
export const earlierRunSchema = z.object({
  generation: z.number().int().positive(),
  receivedAt: z.string(),
  endedAt: z.string().optional(),
  /** Absent: the run did not end normally. */
  outcome: outcomeSchema.optional(),
  unfinished: unfinishedSchema.optional(),
  /** One clipped line for each started step, with its state. */
  effects: z.array(z.string()),
  content: z.string().optional(),
  proposal: z.string().optional(),
  /** Keys of the actions that this run and those before have settled for the same content. */
  settled: z.array(z.string()).optional(),
  /** Keys of what this run and those before have carried out once: without a lasting effect, never to be repeated. */
  once: z.array(z.string()).optional(),
  deliveries: z.array(z.string()).optional(),
  submitters: z.array(z.string()).optional(),
  otherOrigins: z.array(incidentOriginSchema).optional(),
  /** What this run and those before have changed about the incident itself. Absent: nothing. */
  own: ownChangesSchema.optional(),
  /** Present in the newest run only. */
  involved: involvedSchema.optional(),
});
export type EarlierRun = z.infer<typeof earlierRunSchema>;

export const caseFileSchema = z.object({
  schemaVersion: z.literal(1),
  /** Number of the last applied update. */
  revision: z.number().int().nonnegative(),
  incidentKey: z.string(),
  /** Where the incident is read. */
  origin: incidentOriginSchema,
  instanceId: z.string(),
  /** The run of the instance. */
  generation: z.number().int().positive(),
  /** Earlier runs, the newest last. Absent: none. */
  earlier: z.array(earlierRunSchema).optional(),
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  url: z.string().optional(),
  /** Sentinel's description of the incident, clipped. */
  description: z.string().optional(),
  alerts: z.array(alertSchema.pick({ title: true, severity: true, startedAt: true })).optional(),
  stage: stageSchema,
  /** Why reading takes long; only meaningful in the stage `reading`. */
  reading: readingSchema.optional(),
  receivedAt: z.string(),
  endedAt: z.string().optional(),
  findings: z.array(findingSchema),
  decision: decisionRecordSchema.optional(),
  plan: planSchema.optional(),
  /** The plans that newer ones replaced, the oldest first. Absent: none. */
  formerPlans: z.array(planSchema).optional(),
  /** Keys of what is unfinished and not in the plan, because a retry of some steps left it out. */
  leftOut: z.array(z.string()).optional(),
  /** Hash of what matters about the incident that was read last. */
  content: z.string().optional(),
  /** Hash of everything that the playbook proposed for that content, including what is settled. */
  proposal: z.string().optional(),
  /** When Sentinel last changed the incident that was read last (ISO 8601, UTC). */
  modifiedAt: z.string().optional(),
  /** Hashes of the ids of the deliveries that this run has taken. */
  deliveries: z.array(z.string()).optional(),
  /** Object ids of the people who submitted the incident, or an update of it. They cannot decide. */
  submitters: z.array(z.string()).optional(),
  /** What other cases have handed over: those of incidents that were merged into this one, and of its copy that is gone. Absent: nothing. */
  handedOverFrom: z.array(handedOverSchema).optional(),
  /** The case that has taken over: of the incident that this one was merged into, or of its copy in the other service. */
  handedOverTo: z
    .object({ instanceId: z.string(), key: z.string(), because: handedOverSchema.shape.because })
    .optional(),
  /** Where other services have the incident, as they or its own service have confirmed. Absent: unknown. */
  otherOrigins: z.array(incidentOriginSchema).optional(),
  /** Ids of changes that the responder made to the incident, and that others have changed since. Absent: none. */
  ownEnded: z.array(z.string()).optional(),
  /** Whether a version of the incident has named an incident of another tenant as the same. Absent: none has. */
  namesOtherTenant: z.boolean().optional(),
  /** Who any version of the incident has named, in this run and those before. They cannot decide. */
  involved: involvedSchema.optional(),
  /** One request for each tier, and one more for each tier that may undo. */
  approvals: z.array(approvalRequestSchema),
  decisions: z.array(evaluatedDecisionSchema),
  /** Decisions that a channel rejected before evaluation. Absent: none. */
  refusedDecisions: refusedDecisionsSchema.optional(),
  effects: z.array(effectSchema),
  /** `at`: when it was last written (ISO 8601, UTC). */
  comment: z.object({ id: z.string(), revision: z.number().int(), at: z.string() }).optional(),
  outcome: outcomeSchema.optional(),
  /** Present if the outcome is not final for this version of the incident: a later delivery or a retry begins again. */
  unfinished: unfinishedSchema.optional(),
  error: errorInfoSchema.optional(),
  timeline: z.array(timelineEntrySchema),
});
export type CaseFile = z.infer<typeof caseFileSchema>;

/** The case file without its growing parts: the input for the incident comment and the cards. */
export type CaseView = Omit<CaseFile, 'findings' | 'timeline'> & {
  readonly findings: readonly FindingBrief[];
};
export type FindingBrief =
  | Extract<Finding, { status: 'failed' }>
  | Omit<Extract<Finding, { status: 'ok' }>, 'output'>;
