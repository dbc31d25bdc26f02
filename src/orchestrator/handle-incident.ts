/** The orchestration: one instance handles one incident from its arrival to its outcome. */
import { z } from 'zod';
import type { ApprovalRequest } from '../domain/approval.js';
import { earlierRunSchema, type Outcome } from '../domain/case-file.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { clip } from '../domain/clip.js';
import { ResponderError } from '../domain/errors.js';
import { DOORS, doorSchema, handedInSchema } from '../domain/handed-in.js';
import type { Incident } from '../domain/incident.js';
import { NOBODY } from '../domain/involved.js';
import type { Plan } from '../domain/plan.js';
import { type Sealer, sealedMessageSchema } from '../domain/sealed.js';
import type { ActivityOutput, DecideInput } from './activities.js';
import { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { closedHearing, hear } from './decisions.js';
import { type Context, isoTime, now, type Steps } from './durable.js';
import { enrich } from './enrich.js';
import { count, type Handling, type IncidentHandling, incidentRef, recordFailure } from './handling.js';
import type { Process } from './process.js';
import { readIncident } from './read.js';
import { respond } from './respond.js';
import { COMPUTE, callWithRetries } from './retry.js';
import { Waiting } from './waiting.js';

/** What an intake door starts an instance with: as the content of a sealed message, whose generation is the run's. */
export const handleIncidentInputSchema = z.object({
  /** Lower-cased ARM id. */
  incidentKey: z.string(),
  armId: z.string(),
  door: doorSchema,
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
  /** Who signed the call: where it was a person, somebody else must decide. */
  handedInBy: handedInSchema.shape.by,
  /** The runs before this one, the newest last. */
  earlier: z.array(earlierRunSchema).optional(),
});
export type HandleIncidentInput = z.infer<typeof handleIncidentInputSchema>;
export interface HandleIncidentOutput {
  readonly incidentKey: string;
  readonly outcome: Outcome;
}

/** Code of the error where the instance was not started by a door: it fails, so that a door may start it. */
export const START_NOT_SEALED = 'start-not-sealed';

/** Nothing was written down, and nothing may be: the generation that the input names may be that of another run. */
class NotSealed extends Error {}

/** The orchestrator. @param seal proves to entities that what they are told comes from here. */
export function handleIncident(seal: Sealer['seal']): (ctx: Context) => Steps<HandleIncidentOutput> {
  return (ctx) => run(ctx, seal);
}

/** Ends with an outcome, not with an error: what went wrong stands in the case file, for an analyst to take over. */
function* run(ctx: Context, seal: Sealer['seal']): Steps<HandleIncidentOutput> {
  // Whether the seal is genuine, the first activity finds out: only it has the key.
  const parsed = sealedMessageSchema.safeParse(ctx.df.getInput());
  if (!parsed.success) throw new Error(`${START_NOT_SEALED}: the input is no sealed message`);
  const start = parsed.data;
  const input = handleIncidentInputSchema.parse(JSON.parse(start.content));
  const header = {
    incidentKey: input.incidentKey,
    armId: input.armId,
    instanceId: ctx.df.instanceId,
    generation: start.generation,
    ...(input.earlier === undefined ? {} : { earlier: input.earlier }),
    title: `Incident ${input.armId.split('/').at(-1) ?? ''}`,
    severity: 'unknown' as const,
    receivedAt: input.receivedAt,
  };
  const { door, handedInBy: by } = input;
  const accepted = `The incident was accepted through ${DOORS[door]}.`;
  const record = new CaseRecorder(ctx, seal, header, accepted);
  const waiting = new Waiting(ctx);
  const handling: Handling = {
    ctx,
    seal,
    start,
    record,
    waiting,
    handedIn: { door, ...(by === undefined ? {} : { by }) },
  };
  const outcome = yield* waiting.run(handle(handling, input.armId), record);
  return { incidentKey: input.incidentKey, outcome };
}

function* handle(handling: Handling, armId: string): Process<Outcome> {
  try {
    const incident = yield* readIncident(handling, armId);
    if (incident.kind === 'unreadable') {
      const { outcome, error } = incident;
      if (error.code === START_NOT_SEALED) throw new NotSealed(`${START_NOT_SEALED}: ${error.message}`);
      const text = `The incident could not be read: ${error.message}`;
      return yield* end(handling, outcome, text, { error });
    }
    const { read } = incident;
    const { status } = read.incident;
    if (status === 'closed' || status === 'merged') {
      const text = `The incident is ${status} already.`;
      return yield* end(handling, 'incident-closed', text, facts(read.incident));
    }
    return yield* handleOpen(handling, read);
  } catch (thrown) {
    if (thrown instanceof NotSealed) throw thrown;
    recordFailure(handling, thrown);
    return yield* end(handling, 'needs-analyst');
  }
}

/** An incident that is there and open: finds out, decides, and responds. */
function* handleOpen(handling: Handling, read: ActivityOutput<'readIncident'>): Process<Outcome> {
  const { record } = handling;
  const { incident } = read;
  const { alerts, entities } = incident;
  record.add({
    text: `Read back: ${count(alerts.length, 'alert')}, ${entities.length} ${entities.length === 1 ? 'entity' : 'entities'}.`,
    changes: { ...facts(incident), stage: 'enriching' },
  });
  const known: IncidentHandling = { ...handling, incident, ref: incidentRef(incident) };
  let decided: Decided | undefined;
  try {
    decided = yield* decide(known, read);
  } catch (thrown) {
    recordFailure(handling, thrown);
    yield* updateComment(known, 'result');
    return yield* end(handling, 'needs-analyst');
  }
  if (decided === undefined) return yield* end(handling, 'no-playbook', 'No playbook applies.');
  const { plan, approvals, channels } = decided;
  if (plan.steps.length > 0) return yield* respond(known, plan, approvals, channels);
  // A response that policy asks for and that must not be carried out is work for people.
  const outcome = plan.refused.length > 0 ? 'needs-analyst' : 'no-action';
  record.add({ text: `Outcome: ${outcome}.`, changes: { outcome } });
  yield* updateComment(known, 'result');
  return yield* end(handling, outcome);
}

interface Decided {
  readonly plan: Plan;
  readonly approvals: readonly ApprovalRequest[];
  readonly channels: boolean;
}

/** Enriches, then has a playbook decide; undefined where none applies. */
function* decide(
  handling: IncidentHandling,
  { playbook, undecided, alsoApplied, legs, findings: known }: ActivityOutput<'readIncident'>,
): Process<Decided | undefined> {
  const { waiting, record, incident, handedIn } = handling;
  if (undecided !== undefined) throw new ResponderError(undecided);
  if (playbook === undefined) return undefined;
  const { instanceId, generation } = record.file;
  const by = {
    run: { instanceId, generation },
    incident,
    playbookId: playbook.id,
    alsoApplied,
    findings: known,
    handedIn,
  };
  const enriched = yield* enrich(handling, legs, by);
  const findings = [...enriched.findings, ...known];
  const failures = findings.filter((finding) => finding.status === 'failed').length;
  record.addToNext({
    text: `${count(findings.length, 'enrichment')} ended, ${failures} of them without an answer.`,
    changes: { findings, stage: 'deciding' },
  });
  const { decision, plan, approvals, channels } =
    enriched.decided ?? (yield* decideNow(waiting, { ...by, findings }));
  record.add({
    text: `Decided by playbook ${playbook.id}: ${count(plan.steps.length, 'response')} proposed, ${plan.refused.length} left to people.`,
    changes: { decision, plan },
  });
  return { plan, approvals, channels };
}

function* decideNow(waiting: Waiting, by: DecideInput): Process<ActivityOutput<'decide'>> {
  const decided = yield* callWithRetries(waiting, 'decide', by, COMPUTE);
  if (decided.ok) return decided.value;
  throw new ResponderError(decided.error);
}

/** Nothing was asked of people. Whatever was said all the same is answered. */
function* end(
  handling: Handling,
  outcome: Outcome,
  text?: string,
  changes: CaseChanges = {},
): Process<Outcome> {
  const { ctx, record } = handling;
  record.add({ ...(text === undefined ? {} : { text }), changes: { ...changes, outcome } });
  yield* hear(handling, closedHearing({ armId: '', involved: NOBODY }), () => false, now(ctx) + 1);
  record.add({ text: `Ended: ${outcome}.`, changes: { stage: 'ended', endedAt: isoTime(ctx) } });
  return outcome;
}

const MOST_ALERTS = 50;
const LONGEST_DESCRIPTION = 2_000;

/** What the case file keeps of the incident itself. */
function facts({ title, severity, number, url, description, alerts }: Incident): CaseChanges {
  return {
    title,
    severity,
    ...(number === undefined ? {} : { number }),
    ...(url === undefined ? {} : { url }),
    description: clip(description, LONGEST_DESCRIPTION),
    alerts: alerts.slice(0, MOST_ALERTS).map((alert) => ({
      title: alert.title,
      severity: alert.severity,
      ...(alert.startedAt === undefined ? {} : { startedAt: alert.startedAt }),
    })),
  };
}
