/** The orchestration: one instance handles one incident, from the event to the outcome. */
import { z } from 'zod';
import type { ApprovalRequest } from '../domain/approval.js';
import { earlierRunSchema, type Outcome } from '../domain/case-file.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { type ErrorInfo, ResponderError } from '../domain/errors.js';
import { NO_INVOLVED } from '../domain/involved.js';
import type { Plan } from '../domain/plan.js';
import { type Sealer, sealedMessageSchema } from '../domain/sealed.js';
import { intakeTriggerSchema, submissionSchema, TRIGGER_NAMES } from '../domain/submission.js';
import type { ActivityOutput, DecideInput } from './activities.js';
import { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { closedContext, receiveDecisions } from './decisions.js';
import { type Context, isoTime, now, type Steps } from './durable.js';
import { enrich } from './enrich.js';
import { incidentFacts } from './incident-facts.js';
import { type ReadResult, readIncident } from './read.js';
import { respond } from './respond.js';
import { COMPUTE, callWithRetries } from './retry.js';
import type { Process } from './scheduler.js';
import { count, type IncidentScope, incidentRef, type RunScope, recordFailure } from './scope.js';
import { unfinishedOf } from './unfinished.js';
import { Waiting } from './waiting.js';

/** The input of an instance, as the content of a sealed message from a trigger. The message has the generation of the run. */
export const handleIncidentInputSchema = z.object({
  /** Lower-cased ARM id. */
  incidentKey: z.string(),
  armId: z.string(),
  trigger: intakeTriggerSchema,
  /** The title in the event: a hint, shown until the incident is read. */
  title: z.string().optional(),
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
  /** Who submitted the incident. If it was a person, another person must decide. */
  submittedBy: submissionSchema.shape.by,
  /** The runs before this one, the newest last. */
  earlier: z.array(earlierRunSchema).optional(),
});
export type HandleIncidentInput = z.infer<typeof handleIncidentInputSchema>;
export interface HandleIncidentOutput {
  readonly incidentKey: string;
  readonly outcome: Outcome;
}

/** Error code if no trigger of the responder started the instance. The instance fails, so a trigger can start it again. */
export const START_NOT_SEALED = 'start-not-sealed';

type UnreadResult = Extract<ReadResult, { kind: 'unreadable' }>;

/** Nothing may be recorded: the input may name the generation of another run. */
class StartNotSealed extends Error {}

/** The orchestrator. @param seal authenticates messages to entities (MAC) */
export function handleIncident(seal: Sealer['seal']): (ctx: Context) => Steps<HandleIncidentOutput> {
  return (ctx) => run(ctx, seal);
}

/** Ends with an outcome, not with an error: the case file describes what failed, and an analyst takes over. */
function* run(ctx: Context, seal: Sealer['seal']): Steps<HandleIncidentOutput> {
  // The first activity verifies the seal: the orchestrator does not have the key.
  const parsed = sealedMessageSchema.safeParse(ctx.df.getInput());
  if (!parsed.success) throw new Error(`${START_NOT_SEALED}: the input is not a sealed message`);
  const start = parsed.data;
  const input = handleIncidentInputSchema.parse(JSON.parse(start.content));
  const header = {
    incidentKey: input.incidentKey,
    armId: input.armId,
    instanceId: ctx.df.instanceId,
    generation: start.generation,
    ...(input.earlier === undefined ? {} : { earlier: input.earlier }),
    title: `${input.title ?? `Incident …${input.armId.slice(-8)}`} (not read yet)`,
    severity: 'unknown' as const,
    receivedAt: input.receivedAt,
  };
  const { trigger, submittedBy: by } = input;
  const accepted = `The incident was accepted through ${TRIGGER_NAMES[trigger]}.`;
  const record = new CaseRecorder(ctx, seal, header, accepted);
  const waiting = new Waiting(ctx);
  const scope: RunScope = {
    ctx,
    seal,
    start,
    record,
    waiting,
    submission: { trigger, ...(by === undefined ? {} : { by }) },
  };
  const outcome = yield* waiting.run(handle(scope, input.armId), record);
  return { incidentKey: input.incidentKey, outcome };
}

function* handle(scope: RunScope, armId: string): Process<Outcome> {
  try {
    const incident = yield* readIncident(scope, armId);
    if (incident.kind === 'unreadable') {
      const { error } = incident;
      if (error.code === START_NOT_SEALED) throw new StartNotSealed(`${START_NOT_SEALED}: ${error.message}`);
      return yield* endUnread(scope, incident);
    }
    const { read } = incident;
    const { status } = read.incident;
    if (status === 'closed' || status === 'merged') {
      const text = `The incident is already ${status}.`;
      return yield* end(scope, 'incident-closed', text, incidentFacts(read.incident));
    }
    return yield* handleOpen(scope, read);
  } catch (thrown) {
    if (thrown instanceof StartNotSealed) throw thrown;
    recordFailure(scope, thrown, 'failed');
    return yield* end(scope, 'needs-analyst');
  }
}

/** Ends a run whose incident could not be read in full. What is known is shown, on the incident, too. */
function* endUnread(scope: RunScope, unread: UnreadResult): Process<Outcome> {
  const { outcome, unfinished, error, incident } = unread;
  const text = `The incident could not be read: ${error.message}`;
  const facts = incident === undefined ? {} : incidentFacts(incident);
  scope.record.add({ text, changes: { ...facts, outcome, unfinished, error } });
  if (incident !== undefined) {
    yield* updateComment({ ...scope, incident, ref: incidentRef(incident) }, 'result');
  }
  return yield* end(scope, outcome);
}

/** Handles an open incident: enriches, decides and responds. */
function* handleOpen(scope: RunScope, read: ActivityOutput<'readIncident'>): Process<Outcome> {
  const { record } = scope;
  const { incident } = read;
  const { alerts, entities } = incident;
  record.add({
    text: `Read back: ${count(alerts.length, 'alert')}, ${entities.length} ${entities.length === 1 ? 'entity' : 'entities'}.`,
    changes: { ...incidentFacts(incident), stage: 'enriching' },
  });
  const known: IncidentScope = { ...scope, incident, ref: incidentRef(incident) };
  let decided: Decided | undefined;
  try {
    decided = yield* decide(known, read);
  } catch (thrown) {
    recordFailure(scope, thrown, 'not-decided');
    yield* updateComment(known, 'result');
    return yield* end(scope, 'needs-analyst');
  }
  if (decided === undefined) return yield* end(scope, 'no-playbook', 'No playbook applies.');
  const { plan, approvals, channels } = decided;
  if (plan.steps.length > 0) return yield* respond(known, plan, approvals, channels);
  const nothing = nothingProposed(plan, read.lacksEntities);
  const { outcome } = nothing;
  record.add({ text: `Outcome: ${outcome}.`, changes: nothing });
  yield* updateComment(known, 'result');
  return yield* end(scope, outcome);
}

/** "Nothing to do" only if everything was known. A proposed response that must not run is left to an analyst. */
function nothingProposed(plan: Plan, lacksEntities: boolean): CaseChanges & { readonly outcome: Outcome } {
  if (lacksEntities) return { outcome: 'needs-analyst', unfinished: 'no-entities', error: NO_ENTITIES };
  if (plan.refused.length === 0) return { outcome: 'no-action' };
  const unfinished = unfinishedOf(plan, []);
  return { outcome: 'needs-analyst', ...(unfinished === undefined ? {} : { unfinished }) };
}

const NO_ENTITIES: ErrorInfo = {
  code: 'no-entities',
  message: 'No entities came, so it is unknown what the playbook would propose.',
  fault: 'service',
  retry: 'later',
  next: 'Find out who and what is affected, and handle the incident manually.',
};

interface Decided {
  readonly plan: Plan;
  readonly approvals: readonly ApprovalRequest[];
  readonly channels: boolean;
}

/** Enriches the incident and decides by its playbook. Returns undefined if no playbook applies. */
function* decide(
  scope: IncidentScope,
  { playbook, undecided, alsoApplied, tasks, findings: known }: ActivityOutput<'readIncident'>,
): Process<Decided | undefined> {
  const { waiting, record, incident, submission } = scope;
  if (undecided !== undefined) throw new ResponderError(undecided);
  if (playbook === undefined) return undefined;
  const { instanceId, generation } = record.file;
  const by = {
    run: { instanceId, generation },
    incident,
    playbookId: playbook.id,
    alsoApplied,
    findings: known,
    submission,
  };
  const enriched = yield* enrich(scope, tasks, by);
  const findings = [...enriched.findings, ...known];
  const failures = enriched.findings.filter((finding) => finding.status === 'failed').length;
  const notRun =
    known.length === 0
      ? ''
      : ` ${known.length} more not possible, because an identifier is missing or too weak.`;
  record.addToNext({
    text: `${count(enriched.findings.length, 'enrichment')} ended, ${failures} without a result.${notRun}`,
    changes: { findings, stage: 'deciding' },
  });
  const { decision, plan, approvals, channels } =
    enriched.decided ?? (yield* decideNow(waiting, { ...by, findings }));
  record.add({
    text: `Decided by playbook ${playbook.id}: ${count(plan.steps.length, 'response')} proposed, ${count(plan.refused.length, 'manual action')}.`,
    changes: { decision, plan },
  });
  return { plan, approvals, channels };
}

function* decideNow(waiting: Waiting, by: DecideInput): Process<ActivityOutput<'decide'>> {
  const decided = yield* callWithRetries(waiting, 'decide', by, COMPUTE);
  if (decided.ok) return decided.value;
  throw new ResponderError(decided.error);
}

/** Ends an incident without approval requests. Decisions that arrived anyway are answered. */
function* end(scope: RunScope, outcome: Outcome, text?: string, changes: CaseChanges = {}): Process<Outcome> {
  const { ctx, record } = scope;
  record.add({ ...(text === undefined ? {} : { text }), changes: { ...changes, outcome } });
  yield* receiveDecisions(
    scope,
    closedContext({ armId: '', involved: NO_INVOLVED }),
    () => false,
    now(ctx) + 1,
  );
  record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
  return outcome;
}
