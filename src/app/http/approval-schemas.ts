/** Request and response schemas of the approvals API. docs/openapi.json is generated from them. */
import { z } from 'zod';
import {
  acceptedCodeSchema,
  analystDecisionSchema,
  approvalRequestSchema,
  evaluatedDecisionSchema,
  requestStateSchema,
} from '../../domain/approval.js';
import { caseFileSchema, effectSchema } from '../../domain/case-file.js';
import { decisionRecordSchema, planStepSchema } from '../../domain/plan.js';
import { refusedDecisionSchema } from '../../domain/refused-decisions.js';
import { severitySchema } from '../../domain/severity.js';
import { wellFormed } from '../../domain/unicode-text.js';

const dateTime = z.iso.datetime();

/** One row of the list of requests. */
export const queueEntrySchema = z.object({
  id: z.string().describe('Id of the request, as the other calls expect it.'),
  instanceId: z.string().describe('Id of the instance that handles the incident.'),
  tier: z.string(),
  purpose: z.enum(['respond', 'undo']),
  state: requestStateSchema,
  revision: z.number().int().positive(),
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  asks: z.string().optional().describe('The first requested response and the number of others; shortened.'),
  expiresAt: dateTime,
});
export type QueueEntry = z.infer<typeof queueEntrySchema>;

export const queueSchema = z.object({
  approvals: z.array(queueEntrySchema),
  next: z.string().optional().describe('Path of the next page; absent on the last one.'),
});

/** The references to posted cards are internal, so the API leaves them out. */
export const publicRequestSchema = approvalRequestSchema.omit({ cards: true });
export type PublicRequest = z.infer<typeof publicRequestSchema>;

/** A decision without the internal reference to the clicked card. */
export const publicDecisionSchema = evaluatedDecisionSchema.extend({
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
  steps: z.array(planStepSchema).describe('The requested steps, with impact and undo.'),
  approvalsGiven: z
    .number()
    .int()
    .nonnegative()
    .describe('Number of different approvers of the current selection.'),
  selection: z
    .array(z.string())
    .optional()
    .describe('The steps that they approved. Approving a different selection discards these approvals.'),
  effects: z.array(effectSchema),
  decision: decisionRecordSchema
    .optional()
    .describe('Why the playbook proposes the steps, with all input values.'),
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
    .describe('Other requests for the same incident.'),
});
export type ApprovalView = z.infer<typeof approvalSchema>;

const reason = z.string().trim().min(1).max(2000).transform(wellFormed).optional();
const steps = z.array(z.string().max(500).transform(wellFormed)).max(500);

export const decideBodySchema = z.strictObject({
  kind: z.enum(['approve', 'reject']),
  steps: steps.default([]).describe('Ids of the steps to carry out; empty for a rejection.'),
  reason: reason.describe('Required for a rejection.'),
});
export const extendBodySchema = z.strictObject({ reason });
export const undoBodySchema = z.strictObject({
  steps: steps.describe('Ids of the steps to undo.'),
  reason,
});

export const resultSchema = z.object({
  status: z
    .enum(['accepted', 'pending'])
    .describe('Pending: the decision was submitted, but was not evaluated within 5 s.'),
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
      'Voided: an accepted approval whose approver was no longer allowed to decide when the quorum was complete. Refused: a submission that was refused without being evaluated, for example after the end of the incident. Omitted: the number of refused submissions beyond the limit of stored ones. Alarm: the case file received a message that does not belong to it.',
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
  refused: refusedDecisionSchema
    .pick({ id: true, kind: true, revision: true, steps: true, reason: true, code: true })
    .optional()
    .describe('The decision as submitted, shortened. It was not evaluated.'),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditSchema = z.object({ id: z.string(), entries: z.array(auditEntrySchema) });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('Stable; programs can rely on it.'),
  detail: z.string(),
  next: z.string().optional().describe('What to do next.'),
  place: z.string().optional(),
  kept: z.array(z.string()).optional().describe('Ids of what was stored of a rejected body.'),
  results: z.array(z.looseObject({})).optional().describe('One for each item of a rejected body.'),
});
