/**
 * The case file: all that is known of one handled incident. Written only by its orchestration, but for what doors
 * refused.
 */
import { z } from 'zod';
import { approvalRequestSchema, judgedDecisionSchema } from './approval.js';
import { refusedAtDoorsSchema } from './door-refusals.js';
import { errorInfoSchema } from './errors.js';
import { type Finding, findingSchema } from './finding.js';
import { alertSchema, severitySchema } from './incident.js';
import { decisionRecordSchema, planSchema } from './plan.js';

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
  'incident-gone',
]);
export type Stage = z.infer<typeof stageSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;

/**
 * How the undo of a step went, told as the step's own effect is. `not-ours`: what is in force is of somebody else's
 * making, and was left. `relied-on`: another incident relies on the effect; this incident's reliance has ended.
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
  /** `decision`: people asked for it. `containment-over`: it was done for a limited time. */
  because: z.enum(['decision', 'containment-over']),
  proof: z.string().optional(),
  evidence: z.record(z.string(), z.string()).optional(),
  error: errorInfoSchema.optional(),
  at: z.string(),
});
export type UndoEffect = z.infer<typeof undoEffectSchema>;

/** One step's effect on the world: intended before the call, then what was proved by reading the state back. */
export const effectSchema = z.object({
  stepId: z.string(),
  action: z.string(),
  target: z.string(),
  state: z.enum(['intended', 'requested', 'already-done', 'confirmed', 'unconfirmed', 'failed']),
  /** Once somebody, or a deadline, asked for it to be undone. */
  undo: undoEffectSchema.optional(),
  /** It was in force, and somebody else has ended it since. */
  endedByOthers: z.object({ at: z.string(), reason: z.string() }).optional(),
  /** One sentence of proof, e.g. which machine action was read back with which status. */
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

/** A run of the same incident before this one, in a few words. */
export const earlierRunSchema = z.object({
  generation: z.number().int().positive(),
  receivedAt: z.string(),
  endedAt: z.string().optional(),
  /** Absent: it came to no end of its own. */
  outcome: outcomeSchema.optional(),
  /** One line for each step that was begun, with what became of it; cut. */
  effects: z.array(z.string()),
});
export type EarlierRun = z.infer<typeof earlierRunSchema>;

export const caseFileSchema = z.object({
  schemaVersion: z.literal(1),
  /** Number of the last update that went into it. */
  revision: z.number().int().nonnegative(),
  incidentKey: z.string(),
  armId: z.string(),
  instanceId: z.string(),
  /** Which run of the instance it is about. */
  generation: z.number().int().positive(),
  /** The runs before it, the newest last; absent: there were none. */
  earlier: z.array(earlierRunSchema).optional(),
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  url: z.string().optional(),
  /** What happened, as Sentinel tells it; long ones are cut. */
  description: z.string().optional(),
  alerts: z.array(alertSchema.pick({ title: true, severity: true, startedAt: true })).optional(),
  stage: stageSchema,
  receivedAt: z.string(),
  endedAt: z.string().optional(),
  findings: z.array(findingSchema),
  decision: decisionRecordSchema.optional(),
  plan: planSchema.optional(),
  /** One for each tier that was asked, and one more for each that may undo. */
  approvals: z.array(approvalRequestSchema),
  decisions: z.array(judgedDecisionSchema),
  /** What nobody was left to judge, or was not what it said. Absent: nothing of the kind. */
  refusedAtDoors: refusedAtDoorsSchema.optional(),
  effects: z.array(effectSchema),
  comment: z.object({ id: z.string(), revision: z.number().int() }).optional(),
  outcome: outcomeSchema.optional(),
  error: errorInfoSchema.optional(),
  timeline: z.array(timelineEntrySchema),
});
export type CaseFile = z.infer<typeof caseFileSchema>;

/** The case file without the parts that only grow: what the living comment and a card show. */
export type CaseView = Omit<CaseFile, 'findings' | 'timeline'> & {
  readonly findings: readonly FindingBrief[];
};
export type FindingBrief =
  | Extract<Finding, { status: 'failed' }>
  | Omit<Extract<Finding, { status: 'ok' }>, 'output'>;
