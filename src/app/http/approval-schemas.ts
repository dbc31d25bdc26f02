/** What the approvals API takes and gives. docs/openapi.json is made from these. */
import { z } from 'zod';
import {
  acceptedCodeSchema,
  analystDecisionSchema,
  approvalRequestSchema,
  judgedDecisionSchema,
  requestStateSchema,
} from '../../domain/approval.js';
import { caseFileSchema, effectSchema } from '../../domain/case-file.js';
import { doorRefusalSchema } from '../../domain/door-refusals.js';
import { severitySchema } from '../../domain/incident.js';
import { wellFormed } from '../../domain/letters.js';
import { decisionRecordSchema, planStepSchema } from '../../domain/plan.js';

const dateTime = z.iso.datetime();

/** One row of the queue. */
export const queueEntrySchema = z.object({
  id: z.string().describe('Of the request: what the other calls take.'),
  instanceId: z.string().describe('Of the incident that the request belongs to.'),
  tier: z.string(),
  purpose: z.enum(['respond', 'undo']),
  state: requestStateSchema,
  revision: z.number().int().positive(),
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  asks: z.string().optional().describe('The first response that it asks for and how many more, cut.'),
  expiresAt: dateTime,
});
export type QueueEntry = z.infer<typeof queueEntrySchema>;

export const queueSchema = z.object({
  approvals: z.array(queueEntrySchema),
  next: z.string().optional().describe('Path of the next page; absent on the last one.'),
});

/** Where cards stand is nobody's business outside. */
export const publicRequestSchema = approvalRequestSchema.omit({ cards: true });
export type PublicRequest = z.infer<typeof publicRequestSchema>;

/** A decision as it is told: without where the card stood that was clicked. */
export const publicDecisionSchema = judgedDecisionSchema.extend({
  decision: analystDecisionSchema.omit({ card: true }),
});

export const approvalSchema = z.object({
  request: publicRequestSchema,
  incident: caseFileSchema.pick({
    incidentKey: true,
    title: true,
    number: true,
    severity: true,
    url: true,
    description: true,
  }),
  stage: caseFileSchema.shape.stage,
  outcome: caseFileSchema.shape.outcome,
  steps: z.array(planStepSchema).describe('What is asked for, with impact and undo.'),
  approvalsGiven: z.number().int().nonnegative().describe('Different approvers of the present selection.'),
  selection: z
    .array(z.string())
    .optional()
    .describe('The steps that they approved; another selection starts anew.'),
  effects: z.array(effectSchema),
  decision: decisionRecordSchema
    .optional()
    .describe('Why the playbook proposes it, with every value that it saw.'),
  decisions: z.array(publicDecisionSchema),
  others: z
    .array(
      z.object({
        id: z.string(),
        tier: z.string(),
        purpose: z.enum(['respond', 'undo']),
        state: requestStateSchema,
      }),
    )
    .describe('Other requests of the same incident.'),
});
export type ApprovalView = z.infer<typeof approvalSchema>;

const reason = z.string().trim().min(1).max(2000).transform(wellFormed).optional();
const steps = z.array(z.string().max(500).transform(wellFormed)).max(500);

export const decideBodySchema = z.strictObject({
  kind: z.enum(['approve', 'reject']),
  steps: steps.default([]).describe('Ids of the steps to carry out; for a rejection nothing.'),
  reason: reason.describe('A rejection needs one.'),
});
export const extendBodySchema = z.strictObject({ reason });
export const undoBodySchema = z.strictObject({
  steps: steps.describe('Ids of the steps to undo.'),
  reason,
});

export const resultSchema = z.object({
  status: z
    .enum(['accepted', 'pending'])
    .describe('Pending: it is on its way and was not judged within 5 s.'),
  decisionId: z.string(),
  code: acceptedCodeSchema.optional(),
  message: z.string(),
  request: publicRequestSchema.optional(),
});

export const auditEntrySchema = z.object({
  at: dateTime,
  event: z
    .enum([
      'requested',
      'reminded',
      'escalated',
      'extended',
      'decision',
      'voided',
      'refused',
      'omitted',
      'alarm',
    ])
    .describe(
      'Voided: an approval that counted, and whose maker might not decide any more when the quorum was complete. Refused: at the door, before or after what is judged. Omitted: more refusals than are kept; they are counted. Alarm: something came that does not belong to the case file.',
    ),
  by: analystDecisionSchema.shape.by.optional(),
  text: z.string(),
  decision: z
    .object({
      id: z.string(),
      kind: analystDecisionSchema.shape.kind,
      revision: z.number().int(),
      planHash: z.string(),
      steps: z.array(z.string()),
      selectionHash: z.string().optional(),
      reason: z.string().optional(),
      sentAt: dateTime,
      accepted: z.boolean(),
      code: z.string(),
    })
    .optional(),
  refused: doorRefusalSchema
    .pick({ id: true, kind: true, revision: true, steps: true, reason: true, code: true })
    .optional()
    .describe('As it was sent, and cut: nothing of it was judged.'),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditSchema = z.object({ id: z.string(), entries: z.array(auditEntrySchema) });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('Stable: programs may rely on it.'),
  detail: z.string(),
  next: z.string().optional().describe('What to do about it.'),
  place: z.string().optional(),
});
