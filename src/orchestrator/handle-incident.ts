/** The orchestration: one instance handles one incident, from the event to the outcome. */
import { z } from 'zod';
import { type EarlierRun, earlierRunSchema, type Outcome } from '../domain/case-file.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import type { ErrorInfo } from '../domain/errors.js';
import { handedOverSchema } from '../domain/handed-over.js';
import type { Incident } from '../domain/incident.js';
import {
  type IncidentOrigin,
  incidentOriginSchema,
  shortIdOf,
  withOrigins,
} from '../domain/incident-origin.js';
import { type Involved, NO_INVOLVED, storedInvolved } from '../domain/involved.js';
import { hasHandled, settledByMerge, withHandedOver } from '../domain/merge.js';
import { type Sealer, sealedMessageSchema } from '../domain/sealed.js';
import { plansOf, settledBefore } from '../domain/settled.js';
import { severitySchema } from '../domain/severity.js';
import { intakeTriggerSchema, submissionSchema, TRIGGER_NAMES } from '../domain/submission.js';
import { excludedSchema, leftOutBy, narrowingSchema, retryWords, type Update } from '../domain/update.js';
import type { ConflictContext, IncidentRead } from './activities.js';
import { Aliases, describeOwner, NOT_RECEIVED } from './aliases.js';
import { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { closedContext, receiveDecisions } from './decisions.js';
import { type Context, isoTime, now, type Steps } from './durable.js';
import { handOver, mergeOf, noteNotHandedOver } from './hand-over.js';
import { Inbox } from './inbox.js';
import { incidentFacts } from './incident-facts.js';
import { Involvement } from './involvement.js';
import { Lifecycle } from './lifecycle.js';
import { type Made, makePlan } from './make-plan.js';
import { type ReadResult, readIncident } from './read.js';
import { respond } from './respond.js';
import { type Process, runAll } from './scheduler.js';
import { count, excludedBy, type IncidentScope, incidentRef, type RunScope, recordFailure } from './scope.js';
import { unfinishedOf } from './unfinished.js';
import { handedOverWords, noteUpdates } from './updates.js';
import { Waiting } from './waiting.js';

/** The input of an instance, as the content of a sealed message from a trigger. The message has the generation of the run. */
export const handleIncidentInputSchema = z.object({
  /** See `keyOfOrigin`. */
  incidentKey: z.string(),
  origin: incidentOriginSchema,
  trigger: intakeTriggerSchema,
  /** The title in the event: a hint, shown until the incident is read. */
  title: z.string().optional(),
  /** As in the event: a hint, too. */
  severity: severitySchema.optional(),
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
  /** Who submitted the incident. If it was a person, another person must decide. */
  submittedBy: submissionSchema.shape.by,
  /** Hashes of the ids of the deliveries that this run and the runs before it have taken. */
  deliveries: z.array(z.string()).optional(),
  /** It is unknown whether the incident has changed since the run before: an unchanged one keeps its outcome. */
  onlyIfChanged: z.literal(true).optional(),
  /** The analyst who requested a retry of the run before. */
  retriedBy: z.string().optional(),
  /** What the case of a merged incident hands over. */
  handedOver: z.array(handedOverSchema).optional(),
  /** The retry is about some steps only. */
  narrowing: narrowingSchema.optional(),
  /** As an instance of the same incident under another key knows. */
  excluded: excludedSchema.optional(),
  /** The delivery was about the same incident in another service. */
  alsoAs: incidentOriginSchema.optional(),
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

type ElsewhereResult = Extract<ReadResult, { kind: 'elsewhere' }>;
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
  const { earlier = [], handedOver = [] } = input;
  const header = {
    incidentKey: input.incidentKey,
    origin: input.origin,
    instanceId: ctx.df.instanceId,
    generation: start.generation,
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(({ involved: _, ...run }) => run) }),
    ...(input.deliveries === undefined ? {} : { deliveries: input.deliveries }),
    ...(handedOver.length === 0 ? {} : { handedOverFrom: withHandedOver([], handedOver) }),
    ...submittersOf(input),
    ...othersOf(input),
    ...involvedIn([...earlier, ...handedOver, ...(input.excluded ? [input.excluded] : [])]),
    title: `${input.title ?? `Incident ${shortIdOf(input.origin)}`} (not read yet)`,
    severity: input.severity ?? ('unknown' as const),
    receivedAt: input.receivedAt,
  };
  const { trigger, submittedBy: by, retriedBy, narrowing } = input;
  const [merged] = handedOver;
  const arrived =
    merged === undefined
      ? `The incident was accepted through ${TRIGGER_NAMES[trigger]}.`
      : handedOverWords(merged);
  const accepted = retriedBy ? retryWords(retriedBy, narrowing) : arrived;
  const record = new CaseRecorder(ctx, seal, header, accepted);
  const waiting = new Waiting(ctx);
  const submission = { trigger, ...(by === undefined ? {} : { by }) };
  const { origin } = input;
  const scope: RunScope = {
    ctx,
    seal,
    start,
    record,
    waiting,
    inbox: new Inbox(waiting),
    involvement: new Involvement(record),
    aliases: new Aliases({ ctx, seal, waiting, start, origin, submission, handedOver }),
    lifecycle: new Lifecycle(ctx, waiting, record),
    origin,
    submission,
  };
  const outcome = yield* waiting.run(handleAndPublish(scope, input), record);
  return { incidentKey: input.incidentKey, outcome };
}

/** The handling, and behind it what others learn of it. */
function* handleAndPublish(scope: RunScope, input: HandleIncidentInput): Process<Outcome> {
  const { lifecycle } = scope;
  let outcome: Outcome | undefined;
  const handled = (function* () {
    outcome = yield* handle(scope, input);
    lifecycle.end();
  })();
  yield* runAll([handled, lifecycle.collect(), lifecycle.send()]);
  return outcome ?? 'needs-analyst';
}

/** Everyone who submitted the incident: a later run does not make them approvers of their own incident. */
function submittersOf({ submittedBy, earlier = [], handedOver = [], excluded }: HandleIncidentInput): {
  submitters?: string[];
} {
  const others = [...earlier, ...handedOver, ...(excluded ? [excluded] : [])];
  const before = others.flatMap(({ submitters = [] }) => submitters);
  const all = [...new Set([...before, ...(submittedBy?.kind === 'person' ? [submittedBy.id] : [])])];
  return all.length === 0 ? {} : { submitters: all };
}

/** Where other services have the incident, as earlier runs or the trigger know. */
function othersOf({ origin, alsoAs, earlier = [] }: HandleIncidentInput): {
  otherOrigins?: IncidentOrigin[];
} {
  const before = earlier.flatMap(({ otherOrigins = [] }) => otherOrigins);
  const all = withOrigins(before, alsoAs === undefined ? [] : [alsoAs], origin);
  return all.length === 0 ? {} : { otherOrigins: all };
}

/** Everyone that the runs before have named: another version must not make them approvers of their own incident. */
function involvedIn(earlier: readonly { readonly involved?: Involved | undefined }[]): {
  involved?: Involved;
} {
  const named = earlier.flatMap(({ involved }) => involved ?? []);
  return named.length === 0 ? {} : { involved: storedInvolved(undefined, named) };
}

/** A run begins again at most this often because an update arrives just when it ends. */
const MOST_TIMES = 20;

function* handle(scope: RunScope, input: HandleIncidentInput): Process<Outcome> {
  let before: Before = {
    run: input.earlier?.at(-1),
    mayBeKept: input.onlyIfChanged === true,
    leftOut: input.narrowing?.leftOut ?? [],
  };
  for (let time = 1; ; time++) {
    const outcome = yield* handleOnce(scope, before);
    yield* publishAll(scope);
    // Messages that have arrived since the last process took one.
    yield* scope.inbox.receive(() => false, now(scope.ctx));
    if (!scope.inbox.hasUpdate || time === MOST_TIMES) return outcome;
    before = { run: earlierRunOf(scope.record.file), mayBeKept: true, leftOut: [] };
    scope.record.add({ reopened: true, changes: { stage: 'reading' } });
  }
}

/** Meanwhile updates are received, and decisions are answered: the host keeps back all messages but one if no one takes them. */
function* publishAll(scope: RunScope): Process<void> {
  const { ctx, lifecycle } = scope;
  if (lifecycle.isFlushed) return;
  const context = closedContext(nothingToDecide(scope));
  yield* receiveDecisions(scope, context, () => lifecycle.isFlushed);
  yield* receiveDecisions(scope, context, () => false, now(ctx) + 1);
}

/** The handling before this one, by an earlier run or by this one. */
interface Before {
  readonly run: EarlierRun | undefined;
  /** If the incident has not changed since, a final end remains. */
  readonly mayBeKept: boolean;
  /** Keys of what a retry of some steps leaves out, unless the incident has changed since. */
  readonly leftOut: readonly string[];
}

function* handleOnce(scope: RunScope, { run: before, mayBeKept, leftOut }: Before): Process<Outcome> {
  try {
    const incident = yield* readIncident(scope, scope.inbox.takeUpdates());
    const { updates } = incident;
    if (incident.kind === 'elsewhere') return yield* endElsewhere(scope, incident);
    if (updates.length > 0) noteUpdates(scope.record, updates, 'It was read again.');
    if (incident.kind === 'unreadable') {
      const { error } = incident;
      if (error.code === START_NOT_SEALED) throw new StartNotSealed(`${START_NOT_SEALED}: ${error.message}`);
      return yield* endUnread(scope, incident);
    }
    const { read } = incident;
    const { status, modifiedAt } = read.incident;
    const isKept = mayBeKept && before?.unfinished === undefined && !updates.some(isAgain);
    if (isKept && before?.outcome !== undefined && before.content === read.content) {
      const text = 'Nothing that matters has changed since the earlier run.';
      return yield* end(scope, before.outcome, text, incidentFacts(read.incident));
    }
    const version = { content: read.content, ...(modifiedAt === undefined ? {} : { modifiedAt }) };
    if (status === 'closed' || status === 'merged') {
      const facts = { ...incidentFacts(read.incident), ...version };
      const open = status === 'merged' ? yield* takenOver(scope, read.incident, facts) : {};
      const text = `The incident is already ${status}.`;
      return yield* end(scope, `incident-${status}`, text, { ...facts, ...open });
    }
    const isSame = before?.content === read.content;
    const narrowed = isSame ? leftOutBy(updates, leftOut) : [];
    return yield* handleOpen(scope, read, { before, version, leftOut: narrowed });
  } catch (thrown) {
    if (thrown instanceof StartNotSealed) throw thrown;
    recordFailure(scope, thrown, 'failed');
    return yield* end(scope, 'needs-analyst');
  }
}

const isAgain = ({ kind }: Update) => kind === 'again';

/** Hands a merged incident over to its target. Returns what to record if that is not possible. */
function* takenOver(scope: RunScope, incident: Incident, facts: CaseChanges): Process<CaseChanges> {
  scope.record.add({ text: 'The incident was merged into another one.', changes: facts });
  const error = yield* handOver(scope, mergeOf(incident));
  if (error === undefined) return {};
  scope.record.add({ text: `Its target did not take over: ${error.message}` });
  return hasHandled(scope.record.file) ? { unfinished: 'not-handed-over', error } : {};
}

/** Ends a run whose incident another instance handles: nothing is done here. */
function* endElsewhere(scope: RunScope, { owner, updates, incident }: ElsewhereResult): Process<Outcome> {
  const isReceived = yield* scope.aliases.forward(owner, updates, excludedBy(scope, incident));
  const text = isReceived ? describeOwner(owner) : `${describeOwner(owner)} ${NOT_RECEIVED}`;
  if (hasHandled(scope.record.file)) {
    const reason = { because: 'elsewhere', owner } as const;
    const problem = yield* handOver(scope, reason);
    if (problem !== undefined) noteNotHandedOver(scope, reason, problem);
  }
  const unfinished = isReceived ? {} : { unfinished: 'not-handed-over' as const };
  return yield* end(scope, 'handled-elsewhere', text, { ...incidentFacts(incident), ...unfinished });
}

/** Ends a run whose incident could not be read in full. What is known is shown, on the incident, too. */
function* endUnread(scope: RunScope, unread: UnreadResult): Process<Outcome> {
  const { outcome, unfinished, error, incident } = unread;
  const text = `The incident could not be read: ${error.message}`;
  const facts = incident === undefined ? {} : incidentFacts(incident);
  if (unfinished === 'gone') {
    if (incident !== undefined) scope.record.addToNext({ changes: facts });
    const problem = yield* handOver(scope, { because: 'gone' });
    if (problem === undefined) return yield* end(scope, 'handled-elsewhere');
    noteNotHandedOver(scope, { because: 'gone' }, problem);
  }
  scope.record.add({ text, changes: { ...facts, outcome, unfinished, error } });
  if (incident !== undefined) {
    yield* updateComment({ ...scope, incident, ref: incidentRef(incident) }, 'result');
  }
  return yield* end(scope, outcome);
}

interface Known {
  readonly before: EarlierRun | undefined;
  readonly version: CaseChanges;
  readonly leftOut: readonly string[];
}

/** Handles an open incident: enriches, decides and responds. */
function* handleOpen(scope: RunScope, read: IncidentRead, known: Known): Process<Outcome> {
  const { before, version, leftOut } = known;
  const { record } = scope;
  const { incident } = read;
  const { alerts, entities } = incident;
  const plans = plansOf(record.file).length;
  record.add({
    text: `Read back: ${count(alerts.length, 'alert')}, ${entities.length} ${entities.length === 1 ? 'entity' : 'entities'}.`,
    changes: { ...incidentFacts(incident), ...version, stage: 'enriching' },
  });
  const open: IncidentScope = { ...scope, incident, ref: incidentRef(incident) };
  let made: Made | undefined;
  try {
    made = yield* makePlan(
      open,
      read,
      {
        settled: () => [...settledBefore(before, read.content), ...settledByMerge(record.file)],
        leftOut,
      },
      plans === 0 ? undefined : plans + 1,
    );
  } catch (thrown) {
    recordFailure(scope, thrown, 'not-decided');
    yield* updateComment(open, 'result');
    return yield* end(scope, 'needs-analyst');
  }
  if (made === undefined) return yield* end(scope, 'no-playbook', 'No playbook applies.');
  if (made.plan.steps.length > 0) return yield* respond(open, made);
  const nothing = nothingProposed(made, read.lacksEntities);
  const { outcome } = nothing;
  record.add({ text: made.text, changes: made.changes });
  record.add({ text: `Outcome: ${outcome}.`, changes: nothing });
  yield* updateComment(open, 'result');
  return yield* end(scope, outcome);
}

/** "Nothing to do" only if everything was known. A proposed response that must not run is left to an analyst. */
function nothingProposed(
  { plan, changes: { leftOut = [] } }: Made,
  lacksEntities: boolean,
): CaseChanges & { readonly outcome: Outcome } {
  if (lacksEntities) return { outcome: 'needs-analyst', unfinished: 'no-entities', error: NO_ENTITIES };
  if (plan.refused.length === 0 && leftOut.length === 0) return { outcome: 'no-action' };
  const unfinished = unfinishedOf(plan, [], leftOut);
  return { outcome: 'needs-analyst', ...(unfinished === undefined ? {} : { unfinished }) };
}

const NO_ENTITIES: ErrorInfo = {
  code: 'no-entities',
  message: 'No entities came, so it is unknown what the playbook would propose.',
  fault: 'service',
  retry: 'later',
  next: 'Find out who and what is affected, and handle the incident manually.',
};

/** Ends an incident without approval requests. Decisions that arrived anyway are answered. */
function* end(scope: RunScope, outcome: Outcome, text?: string, changes: CaseChanges = {}): Process<Outcome> {
  const { ctx, record } = scope;
  record.add({ ...(text === undefined ? {} : { text }), changes: { ...changes, outcome } });
  yield* receiveDecisions(scope, closedContext(nothingToDecide(scope)), () => false, now(ctx) + 1);
  record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
  return outcome;
}

/** Every decision is refused, so it does not matter who is involved. */
function nothingToDecide({ origin }: RunScope): ConflictContext {
  return { origin, involved: NO_INVOLVED, submitters: [] };
}
