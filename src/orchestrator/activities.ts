/**
 * The contract between the orchestration and its activities: one name, one input, one output. Every activity
 * answers with an envelope and never throws on purpose: a thrown error would lose its class and code on its way
 * through the host, and breaks fan-outs.
 */
import { z } from 'zod';
import type { IncidentRef } from '../actions/define.js';
import type { AnalystDecision, ApprovalRequest, JudgedDecision } from '../domain/approval.js';
import { approvalRequestSchema, judgedDecisionSchema } from '../domain/approval.js';
import { type ErrorInfo, errorInfoSchema } from '../domain/errors.js';
import { type Finding, findingSchema } from '../domain/finding.js';
import { type Incident, incidentSchema } from '../domain/incident.js';
import { decisionRecordSchema, type Plan, type PlanStep, planSchema } from '../domain/plan.js';
import type { CommentView } from '../report/comment.js';

export type Envelope<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorInfo };

const record = z.record(z.string(), z.unknown());
const evidence = z.record(z.string(), z.string());

/** One enrichment of one entity, as the playbook asks for it. */
export const enrichmentLegSchema = z.object({
  action: z.string(),
  as: z.string(),
  entityKey: z.string(),
  target: z.string(),
  input: record,
  deadlineMs: z.number().int().positive(),
});
export type EnrichmentLeg = z.infer<typeof enrichmentLegSchema>;

const outputs = {
  readIncident: z.object({ incident: incidentSchema }),
  /** No playbook: none applies to the incident. */
  planEnrichments: z.object({
    playbook: z.object({ id: z.string(), title: z.string(), hash: z.string() }).optional(),
    /** Ids of other playbooks that would apply, too. */
    alsoApplied: z.array(z.string()),
    legs: z.array(enrichmentLegSchema),
    /** What is known to fail without a call, e.g. because the entity does not tell enough. */
    findings: z.array(findingSchema),
  }),
  enrich: z.object({ output: record, durationMs: z.number() }),
  decide: z.object({ decision: decisionRecordSchema, plan: planSchema }),
  openApproval: z.object({ approval: approvalRequestSchema }),
  judgeDecision: z.object({
    verdict: judgedDecisionSchema.shape.verdict,
    /** The request after this decision. */
    approval: approvalRequestSchema,
    /** Ids of the steps that may be carried out now. */
    approved: z.array(z.string()),
  }),
  runResponse: z.object({
    state: z.enum(['requested', 'already-done', 'already-in-progress']),
    output: z.unknown(),
    evidence,
  }),
  confirmResponse: z.discriminatedUnion('state', [
    z.object({ state: z.literal('confirmed'), proof: z.string(), evidence }),
    z.object({ state: z.literal('pending'), status: z.string() }),
    z.object({ state: z.literal('failed'), reason: z.string() }),
  ]),
  writeComment: z.object({ id: z.string() }),
};

/** What `runResponse` and `confirmResponse` need of a plan's step. */
export type StepRef = Pick<PlanStep, 'action' | 'entityKey' | 'target' | 'input'>;

interface Inputs {
  readIncident: { readonly armId: string };
  planEnrichments: { readonly incident: Incident };
  enrich: { readonly incident: IncidentRef; readonly leg: EnrichmentLeg };
  decide: {
    readonly incident: Incident;
    readonly playbookId: string;
    readonly alsoApplied: readonly string[];
    readonly findings: readonly Finding[];
  };
  openApproval: { readonly plan: Plan; readonly instanceId: string; readonly now: number };
  judgeDecision: {
    readonly decision: AnalystDecision;
    readonly approval: ApprovalRequest;
    readonly judged: readonly JudgedDecision[];
    readonly ended: boolean;
    /** The orchestration's own time, in milliseconds since the epoch. */
    readonly now: number;
  };
  runResponse: { readonly incident: IncidentRef; readonly step: StepRef };
  confirmResponse: { readonly incident: IncidentRef; readonly step: StepRef; readonly output: unknown };
  writeComment: { readonly incident: IncidentRef; readonly view: CommentView };
}

export type ActivityName = keyof typeof outputs;
export type ActivityInput<N extends ActivityName> = Inputs[N];
export type ActivityOutput<N extends ActivityName> = z.infer<(typeof outputs)[N]>;

export const activityNames = Object.keys(outputs) as readonly ActivityName[];

/** What an activity gave back, as an envelope; nonsense becomes an error that says so. */
export function readEnvelope<N extends ActivityName>(name: N, raw: unknown): Envelope<ActivityOutput<N>> {
  const parsed = z
    .discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown() }),
      z.object({ ok: z.literal(false), error: errorInfoSchema }),
    ])
    .safeParse(raw);
  if (!parsed.success) return badResult(name, parsed.error);
  if (!parsed.data.ok) return parsed.data;
  const value = outputs[name].safeParse(parsed.data.value);
  return value.success ? { ok: true, value: value.data as ActivityOutput<N> } : badResult(name, value.error);
}

function badResult(name: string, problem: z.ZodError): Envelope<never> {
  const issue = problem.issues[0];
  const error: ErrorInfo = {
    code: 'bad-activity-result',
    message: `Activity ${name} gave back a result of another form: ${issue?.message ?? 'unknown'}.`,
    place: issue?.path.join('.') ?? '',
    blame: 'responder',
    retry: 'no',
  };
  return { ok: false, error };
}
