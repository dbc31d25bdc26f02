/**
 * The contract between the orchestration and its activities: one name, one input, one output. Every activity
 * answers with an envelope and never throws on purpose: a thrown error would lose its class and code on its way
 * through the host, and breaks fan-outs.
 */
import { z } from 'zod';
import type { IncidentRef } from '../actions/define.js';
import type { ApprovalNotice } from '../approvals/index.js';
import {
  type ApprovalRequest,
  approvalRequestSchema,
  judgedDecisionSchema,
  postedCardSchema,
  type Run,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import type { CaseView } from '../domain/case-file.js';
import { type ErrorInfo, errorInfoSchema } from '../domain/errors.js';
import { type Finding, findingSchema } from '../domain/finding.js';
import type { HandedIn } from '../domain/handed-in.js';
import { type Incident, incidentSchema } from '../domain/incident.js';
import type { Involved } from '../domain/involved.js';
import { decisionRecordSchema, type PlanStep, planSchema } from '../domain/plan.js';
import type { SealedMessage } from '../domain/sealed.js';
import { recordRefSchema, subjectWords } from '../domain/target.js';

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
const enrichmentResultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: record, record: recordRefSchema, durationMs: z.number() }),
  z.object({ ok: z.literal(false), error: errorInfoSchema }),
]);
export type EnrichmentResult = z.infer<typeof enrichmentResultSchema>;

const approvals = z.array(approvalRequestSchema);
const proved = z.object({ state: z.literal('confirmed'), proof: z.string(), evidence });
const confirmed = z.discriminatedUnion('state', [
  proved,
  z.object({ state: z.literal('pending'), status: z.string() }),
  z.object({ state: z.literal('failed'), reason: z.string() }),
]);
const ran = z.object({
  state: z.enum(['requested', 'already-done', 'already-in-progress']),
  output: z.unknown(),
  evidence,
  began: z.literal(true).optional(),
  /** Where a first look, right after it, proved it. */
  confirmation: proved.optional(),
});
const looked = z.object({ state: z.literal('looked'), output: z.undefined().optional(), evidence });
const undone = z.discriminatedUnion('state', [
  ran,
  z.object({ state: z.literal('not-ours'), reason: z.string(), evidence }),
]);

const decided = z.object({
  decision: decisionRecordSchema,
  plan: planSchema,
  /** The requests to the approvers, one for each tier that has a step to decide about. */
  approvals,
  /** Whether anything is configured that could show a request to anybody. */
  channels: z.boolean(),
});

const outputs = {
  readIncident: z.object({
    incident: incidentSchema,
    /** None where none applies. */
    playbook: z.object({ id: z.string(), title: z.string(), hash: z.string() }).optional(),
    /** Why it is not known which playbook applies. */
    undecided: errorInfoSchema.optional(),
    /** Ids of other playbooks that would apply, too. */
    alsoApplied: z.array(z.string()),
    legs: z.array(enrichmentLegSchema),
    /** What is known to fail without a call, e.g. because the entity does not say enough. */
    findings: z.array(findingSchema),
  }),
  /** Results in the order of the legs; decided as well where none of them is worth another attempt. */
  enrich: z.object({ results: z.array(enrichmentResultSchema), decided: decided.optional() }),
  decide: decided,
  judgeDecision: z.object({
    /** Undefined: the message is not signed by a door of ours, and says nothing. */
    judged: judgedDecisionSchema.optional(),
    /** The requests that are different now. */
    approvals,
  }),
  passTime: z.object({
    /** The requests that are different now. */
    approvals,
    passed: z.array(
      z.object({
        id: z.string(),
        what: z.enum(['reminded', 'escalated', 'expired', 'contained', 'superseded']),
      }),
    ),
  }),
  notifyApprovers: z.object({
    /** False: nothing is configured that could show a request to anybody. */
    channels: z.boolean(),
    cards: z.array(postedCardSchema),
    /** Why not all is shown. */
    error: errorInfoSchema.optional(),
  }),
  runResponse: z.discriminatedUnion('state', [ran, looked]),
  confirmResponse: confirmed,
  undoResponse: undone,
  confirmUndo: confirmed,
  writeComment: z.object({ id: z.string() }),
};

/** What `runResponse` and `confirmResponse` need of a plan's step. */
export type StepRef = Pick<PlanStep, 'action' | 'entityKey' | 'target' | 'record' | 'input'>;

/** What a decision is about, as far as it says who must not decide. */
export interface ApprovalSubject {
  readonly armId: string;
  readonly involved: Involved;
  /** Object id of the person who had it handled, where a person did. */
  readonly startedBy?: string;
}

/** What a playbook decides by. */
export interface DecideInput {
  readonly run: Run;
  readonly incident: Incident;
  readonly playbookId: string;
  readonly alsoApplied: readonly string[];
  readonly findings: readonly Finding[];
  readonly handedIn: HandedIn;
}

/** What one enrichment found. */
export function findingOf(
  { action, as, entityKey, target }: EnrichmentLeg,
  result: EnrichmentResult,
): Finding {
  const leg = { action, as, entityKey, target };
  if (!result.ok) return { status: 'failed', ...leg, durationMs: 0, error: result.error };
  const { output, record, durationMs } = result;
  return { status: 'ok', ...leg, target: subjectWords(record, target), output, record, durationMs };
}

/** `askedAt`: when it was decided, the same for every attempt. `startBy` (milliseconds since the epoch): an act that begins later is not waited for any more, and must not happen. */
interface Inputs {
  readIncident: {
    readonly armId: string;
    /** What the instance was started with: nothing is read unless a door has sealed it, for this instance. */
    readonly start: SealedMessage;
    readonly instanceId: string;
  };
  enrich: {
    readonly incident: IncidentRef;
    readonly legs: readonly EnrichmentLeg[];
    /** What to decide by, with what is found; absent where more is to be found out first. */
    readonly thenDecide?: DecideInput | undefined;
  };
  decide: DecideInput;
  judgeDecision: {
    /** As it was raised, by whomever. */
    readonly message: unknown;
    readonly instanceId: string;
    readonly approvals: readonly ApprovalRequest[];
    readonly tiers: readonly ApprovalTier[];
    readonly ended: boolean;
    readonly about: ApprovalSubject;
    /** The orchestration's own time, in milliseconds since the epoch. */
    readonly now: number;
  };
  passTime: {
    readonly approvals: readonly ApprovalRequest[];
    readonly tiers: readonly ApprovalTier[];
    readonly about: ApprovalSubject;
    readonly now: number;
  };
  notifyApprovers: { readonly notice: ApprovalNotice };
  runResponse: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly askedAt: number;
    readonly mayHaveActed: boolean;
    readonly looked: boolean;
    readonly startBy: number;
  };
  confirmResponse: { readonly incident: IncidentRef; readonly step: StepRef; readonly output: unknown };
  undoResponse: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly output: unknown;
    /** What the doing gave other incidents that relied on the same effect and do so no longer. */
    readonly others: readonly unknown[];
    readonly askedAt: number;
    readonly mayHaveActed: boolean;
    readonly startBy: number;
  };
  confirmUndo: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly output: unknown;
    readonly others: readonly unknown[];
  };
  writeComment: { readonly incident: IncidentRef; readonly view: CaseView };
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
