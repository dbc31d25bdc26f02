/**
 * The contract between the orchestration and its activities: one name, one input, one output. Every activity
 * returns a `Result` and never throws on purpose: the host drops the class and code of a thrown error, and a thrown
 * error breaks fan-outs.
 */
import { z } from 'zod';
import type { IncidentRef } from '../actions/define.js';
import type { ApprovalNotice } from '../approvals/index.js';
import { foundIncidentsSchema } from '../domain/alert-lookup.js';
import { type AliasOwner, aliasOwnerSchema } from '../domain/alias.js';
import {
  type ApprovalRequest,
  approvalRequestSchema,
  evaluatedDecisionSchema,
  postedCardSchema,
  type Run,
} from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';
import type { CaseView } from '../domain/case-file.js';
import { type ErrorInfo, errorInfoSchema } from '../domain/errors.js';
import { type Finding, findingSchema } from '../domain/finding.js';
import type { HandedOver } from '../domain/handed-over.js';
import { type Incident, incidentSchema } from '../domain/incident.js';
import type { OwnChanges } from '../domain/incident-change.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import type { Involved } from '../domain/involved.js';
import type { LifecycleEvent } from '../domain/lifecycle-event.js';
import { decisionRecordSchema, type PlanStep, planSchema } from '../domain/plan.js';
import { incidentPartSchema } from '../domain/reading.js';
import type { SealedMessage } from '../domain/sealed.js';
import type { FormerStep } from '../domain/settled.js';
import type { Submission } from '../domain/submission.js';
import { readRecordSchema, recordRef, subjectWords } from '../domain/target.js';
import { type Excluded, type Update, updateSchema } from '../domain/update.js';

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorInfo };

const record = z.record(z.string(), z.unknown());
const evidence = z.record(z.string(), z.string());

/** One enrichment of one entity, as the playbook defines it. */
export const enrichmentTaskSchema = z.object({
  action: z.string(),
  as: z.string(),
  entityKey: z.string(),
  target: z.string(),
  input: record,
  deadlineMs: z.number().int().positive(),
});
export type EnrichmentTask = z.infer<typeof enrichmentTaskSchema>;
const enrichmentResultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: record, record: readRecordSchema, durationMs: z.number() }),
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
  /** Set if the check right after the action already proved the effect. */
  confirmation: proved.optional(),
});
const prechecked = z.object({ state: z.literal('prechecked'), output: z.undefined().optional(), evidence });
const undone = z.discriminatedUnion('state', [
  ran,
  z.object({ state: z.literal('not-ours'), reason: z.string(), evidence }),
]);

const decided = z.object({
  decision: decisionRecordSchema,
  plan: planSchema,
  /** The approval requests, one for each tier that has a step to decide about. */
  approvals,
  /** Whether any channel is configured that can show a request to approvers. */
  channels: z.boolean(),
  /** Hash of all that the playbook proposes, with the settled actions that the plan leaves out. */
  proposal: z.string(),
});

/** Those of the updates that the app has sealed for this run. */
const updates = z.array(updateSchema);
/** A topic is configured: the run publishes its lifecycle events. */
const publishes = z.literal(true).optional();
const incidentReadSchema = z.object({
  /** Without the parts that could not be read. */
  incident: incidentSchema,
  /** The first part that could not be read, with the reason. */
  unread: z.object({ part: incidentPartSchema.exclude(['incident']), error: errorInfoSchema }).optional(),
  /** Ids of the responder's own changes that others have changed since. Absent: none. */
  ended: z.array(z.string()).optional(),
  /** Hash of what matters about the incident. */
  content: z.string(),
  /** The key of the alias entity of the incident, as its service confirms it. Absent: it has one key only. */
  alias: z.string().optional(),
  updates,
  /** The incident should have entities, and has none: they often follow minutes later. */
  lacksEntities: z.boolean(),
  /** Undefined if no playbook applies. */
  playbook: z.object({ id: z.string(), title: z.string(), hash: z.string() }).optional(),
  /** Why it is unknown which playbook applies. */
  undecided: errorInfoSchema.optional(),
  /** Ids of the other playbooks that also apply. */
  alsoApplied: z.array(z.string()),
  tasks: z.array(enrichmentTaskSchema),
  /** Enrichments that fail without a call, e.g. because the entity lacks an identifier. */
  findings: z.array(findingSchema),
  publishes,
});
export type IncidentRead = z.infer<typeof incidentReadSchema>;

/** Key of the incident that this one was merged into, if its service names it. */
const mergedInto = z.string().optional();

const outputs = {
  /** An incident that could not be read does not make its updates unknown. */
  readIncident: z.union([incidentReadSchema, z.object({ updates, failed: errorInfoSchema, publishes })]),
  /** Results in the order of the tasks. `decided` is set if no task is worth another attempt. */
  enrich: z.object({ results: z.array(enrichmentResultSchema), decided: decided.optional() }),
  decide: decided,
  evaluateDecision: z.object({
    /** Undefined if no channel of the responder has signed the message; it is ignored. */
    evaluated: evaluatedDecisionSchema.optional(),
    /** The requests that have changed. */
    approvals,
    mergedInto,
  }),
  processTimeouts: z.object({
    /** The requests that have changed. */
    approvals,
    events: z.array(
      z.object({
        id: z.string(),
        what: z.enum(['reminded', 'escalated', 'expired', 'contained', 'superseded']),
      }),
    ),
    mergedInto,
  }),
  notifyApprovers: z.object({
    /** False if no channel is configured that can show a request to approvers. */
    channels: z.boolean(),
    cards: z.array(postedCardSchema),
    /** Why some channel does not show the newest state. */
    error: errorInfoSchema.optional(),
  }),
  runResponse: z.discriminatedUnion('state', [ran, prechecked]),
  confirmResponse: confirmed,
  undoResponse: undone,
  confirmUndo: confirmed,
  writeComment: z.object({ id: z.string() }),
  forwardSubmissions: z.object({}),
  /** The instance of the copy, and the alias entities that it must own. */
  findCopy: z.object({ owner: aliasOwnerSchema, aliases: z.array(z.string()) }),
  publishEvents: z.object({
    /** Why the topic did not take the events. */
    error: errorInfoSchema.optional(),
    /** Whether an instance publishes them later. */
    later: z.boolean(),
    /** How many of them the topic refuses as invalid, if not all: those are lost. */
    lost: z.number().int().optional(),
  }),
  publishAgain: z.object({}),
  /** The incidents of the alert, once their instances have received them. */
  findIncidents: z.object({ incidents: foundIncidentsSchema }),
  /** The stored body. */
  rejectAlert: z.object({ code: z.string(), body: z.string() }),
  /** The case that has taken over. */
  handOverCase: z.object({ instanceId: z.string(), key: z.string() }),
};

/** The part of a plan step that `runResponse` and `confirmResponse` need. */
export type StepRef = Pick<PlanStep, 'action' | 'entityKey' | 'target' | 'record' | 'input'>;

/** The facts about an incident that exclude someone from deciding about it. */
export interface ConflictContext {
  readonly origin: IncidentOrigin;
  readonly involved: Involved;
  /** Object ids of the people who submitted the incident, or an update of it. */
  readonly submitters: readonly string[];
  /** Where other services have the incident. Who submitted it there must not decide either. */
  readonly others?: readonly IncidentOrigin[];
  /** What the responder has changed about the incident. Absent: nothing. */
  readonly own?: OwnChanges;
}

/** The input of a playbook's decision. */
export interface DecideInput {
  readonly run: Run;
  readonly incident: Incident;
  readonly playbookId: string;
  readonly alsoApplied: readonly string[];
  readonly findings: readonly Finding[];
  readonly submission: Submission;
  /** Number of the plan in its run, from 2 on. */
  readonly round?: number | undefined;
  /** Keys of the actions that the plan leaves out, see `settledTargets`. */
  readonly settled: readonly string[];
  /** The steps of the former plans of the run, see `stepIdIn`. Absent: the first plan. */
  readonly former?: readonly FormerStep[] | undefined;
}

/** The result of one enrichment as a finding. */
export function findingOf(
  { action, as, entityKey, target }: EnrichmentTask,
  result: EnrichmentResult,
): Finding {
  const task = { action, as, entityKey, target };
  if (!result.ok) return { status: 'failed', ...task, durationMs: 0, error: result.error };
  const { output, durationMs } = result;
  const record = recordRef(result.record);
  return { status: 'ok', ...task, target: subjectWords(record, target), output, record, durationMs };
}

/**
 * `decidedAt`: when the step was decided, the same for every attempt. `startDeadline`: an action that has not begun by
 * then must not begin, because the orchestration no longer waits for it. Both in milliseconds since the epoch.
 */
interface Inputs {
  readIncident: {
    readonly origin: IncidentOrigin;
    /** The input of the instance. Nothing is read unless a trigger has sealed it for this instance. */
    readonly start: SealedMessage;
    readonly instanceId: string;
    /** Updates as they were received. Untrusted. */
    readonly updates: readonly SealedMessage[];
    /** What the responder has changed about the incident: it is read as if it had not. Absent: nothing. */
    readonly own?: OwnChanges;
  };
  enrich: {
    readonly incident: IncidentRef;
    readonly tasks: readonly EnrichmentTask[];
    /** Input of the decision that follows in the same activity; absent if other enrichments are still open. */
    readonly thenDecide?: DecideInput | undefined;
  };
  decide: DecideInput;
  evaluateDecision: {
    /** The event as it was raised. Untrusted. */
    readonly message: unknown;
    readonly instanceId: string;
    readonly approvals: readonly ApprovalRequest[];
    readonly tiers: readonly ApprovalTier[];
    readonly ended: boolean;
    readonly conflictContext: ConflictContext;
    /** Updates that have arrived and are not recorded yet. Untrusted; they may name more people who must not decide. */
    readonly updates: readonly SealedMessage[];
    /** The orchestration's own time, in milliseconds since the epoch. */
    readonly now: number;
  };
  processTimeouts: {
    readonly approvals: readonly ApprovalRequest[];
    readonly tiers: readonly ApprovalTier[];
    readonly conflictContext: ConflictContext;
    readonly now: number;
  };
  notifyApprovers: { readonly notice: ApprovalNotice };
  runResponse: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly decidedAt: number;
    readonly outcomeUnknown: boolean;
    readonly prechecked: boolean;
    readonly startDeadline: number;
  };
  confirmResponse: { readonly incident: IncidentRef; readonly step: StepRef; readonly output: unknown };
  undoResponse: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly output: unknown;
    /** Outputs of the same response in other incidents that no longer rely on the effect. */
    readonly others: readonly unknown[];
    readonly decidedAt: number;
    readonly outcomeUnknown: boolean;
    readonly startDeadline: number;
  };
  confirmUndo: {
    readonly incident: IncidentRef;
    readonly step: StepRef;
    readonly output: unknown;
    readonly others: readonly unknown[];
  };
  writeComment: { readonly incident: IncidentRef; readonly view: CaseView };
  /** `others`: where other services have the incident. */
  findCopy: {
    /** The input of the instance: a trigger must have sealed it. */
    readonly start: SealedMessage;
    readonly instanceId: string;
    readonly others: readonly IncidentOrigin[];
  };
  handOverCase: {
    readonly start: SealedMessage;
    readonly instanceId: string;
    readonly to: /** Other keys of the merged incident; key of its target, if the incident names it. */
      | { readonly because: 'merged'; readonly aliases: readonly string[]; readonly mergedInto?: string }
      /** The instance that handles the incident now. */
      | {
          readonly because: 'gone' | 'elsewhere';
          readonly owner: AliasOwner;
        };
    readonly submission: Submission;
    readonly handedOver: readonly HandedOver[];
  };
  /** `updates`: submissions and updates of the same incident, verified before. */
  forwardSubmissions: {
    readonly start: SealedMessage;
    readonly instanceId: string;
    readonly owner: AliasOwner;
    readonly updates: readonly Update[];
    readonly excluded: Excluded;
  };
  /** The look-up is the input of the instance: it is too large to be in the history again with each attempt. */
  findIncidents: { readonly instanceId: string };
  rejectAlert: { readonly instanceId: string; readonly error: ErrorInfo };
  publishEvents: { readonly events: readonly LifecycleEvent[] };
  publishAgain: {
    /** The events, as the input of the instance. Nothing is published unless the app has sealed it for this instance. */
    readonly message: SealedMessage;
    readonly instanceId: string;
  };
}

export type ActivityName = keyof typeof outputs;
export type ActivityInput<N extends ActivityName> = Inputs[N];
export type ActivityOutput<N extends ActivityName> = z.infer<(typeof outputs)[N]>;

export const activityNames = Object.keys(outputs) as readonly ActivityName[];

/** Parses what an activity returned. A value of another form becomes an error with code `bad-activity-result`. */
export function readResult<N extends ActivityName>(name: N, raw: unknown): Result<ActivityOutput<N>> {
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

function badResult(name: string, problem: z.ZodError): Result<never> {
  const issue = problem.issues[0];
  const error: ErrorInfo = {
    code: 'bad-activity-result',
    message: `Activity ${name} returned a result of an unexpected form: ${issue?.message ?? 'unknown'}.`,
    place: issue?.path.join('.') ?? '',
    fault: 'responder',
    retry: 'no',
  };
  return { ok: false, error };
}
