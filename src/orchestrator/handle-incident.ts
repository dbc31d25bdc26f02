/** The orchestration: one instance handles one incident from its arrival to its outcome. */
import { z } from 'zod';
import { earlierRunSchema, type Outcome } from '../domain/case-file.js';
import type { CaseChanges } from '../domain/case-file-updates.js';
import { clip } from '../domain/clip.js';
import { cleanErrorText } from '../domain/error-text.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { Plan } from '../domain/plan.js';
import { type Sealer, sealedMessageSchema } from '../domain/sealed.js';
import { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { type Court, describeJudged, judgeMessage } from './decisions.js';
import { type Context, isoTime, now, type Steps } from './durable.js';
import { enrich } from './enrich.js';
import { approvalSubject, count, type Handling, type IncidentHandling, incidentRef } from './handling.js';
import { readIncident } from './read.js';
import { PlanExecution } from './respond.js';
import { COMPUTE, callWithRetries } from './retry.js';
import { Inbox } from './waiting.js';

/** What an intake door starts an instance with: as the content of a sealed message, whose generation is the run's. */
export const handleIncidentInputSchema = z.object({
  /** Lower-cased ARM id. */
  incidentKey: z.string(),
  armId: z.string(),
  door: z.enum(['service-bus', 'event-grid', 'http']),
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
  /** Object id of the person who had it handled, where a person did: somebody else must decide. */
  startedBy: z.string().optional(),
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

const DOORS = { 'service-bus': 'Service Bus', 'event-grid': 'Event Grid', http: 'HTTP' } as const;

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
  const record = new CaseRecorder(
    ctx,
    seal,
    header,
    `The incident was accepted through ${DOORS[input.door]}.`,
  );
  const handling: Handling = { ctx, seal, start, record, inbox: new Inbox(ctx), startedBy: input.startedBy };
  let handled: Handled;
  try {
    handled = yield* handle(handling, input.armId);
  } catch (thrown) {
    handled = { outcome: recordFailure(handling, thrown) };
  }
  const { execution, known } = handled;
  if (execution === undefined) yield* refuseLateDecisions(handling, NO_COURT);
  record.add({
    text: `Ended: ${handled.outcome}.`,
    changes: { stage: 'ended', outcome: handled.outcome, endedAt: isoTime(ctx) },
  });
  if (record.file.error?.code === START_NOT_SEALED)
    throw new Error(`${START_NOT_SEALED}: ${record.file.error.message}`);
  if (execution === undefined || known === undefined) {
    return { incidentKey: input.incidentKey, outcome: handled.outcome };
  }
  const outcome = yield* settleLater(known, execution, handled.outcome);
  yield* refuseLateDecisions(handling, { ...NO_COURT, about: approvalSubject(known) });
  return { incidentKey: input.incidentKey, outcome };
}

interface Handled {
  readonly outcome: Outcome;
  /** Where a plan is being, or was, carried out. */
  readonly execution?: PlanExecution;
  readonly known?: IncidentHandling;
}

function* handle(handling: Handling, armId: string): Steps<Handled> {
  const { record } = handling;
  const read = yield* readIncident(handling, armId);
  if (read.kind === 'unreadable') {
    record.add({
      text: `The incident could not be read: ${read.error.message}`,
      changes: { outcome: read.outcome, error: read.error },
    });
    return { outcome: read.outcome };
  }
  const { incident } = read;
  if (incident.status === 'closed' || incident.status === 'merged') {
    record.add({
      text: `The incident is ${incident.status} already.`,
      changes: { ...facts(incident), outcome: 'incident-closed' },
    });
    return { outcome: 'incident-closed' };
  }
  record.add({
    text: `Read back: ${count(incident.alerts.length, 'alert')}, ${incident.entities.length} ${incident.entities.length === 1 ? 'entity' : 'entities'}.`,
    changes: { ...facts(incident), stage: 'enriching' },
  });
  const known: IncidentHandling = { ...handling, incident, ref: incidentRef(incident) };
  let outcome: Outcome;
  let execution: PlanExecution | undefined;
  try {
    const plan = yield* decide(known);
    if (plan === 'no-playbook') outcome = plan;
    else if (plan.steps.length === 0) outcome = withoutSteps(plan);
    else {
      yield* updateComment(known, 'proposal');
      execution = new PlanExecution(known, plan);
      outcome = yield* execution.respond();
    }
    record.add({
      text: outcome === 'no-playbook' ? 'No playbook applies.' : `Outcome: ${outcome}.`,
      changes: { outcome },
    });
  } catch (thrown) {
    execution?.abandon();
    outcome = recordFailure(handling, thrown);
  }
  if (outcome !== 'no-playbook') yield* updateComment(known, 'result');
  return execution === undefined ? { outcome } : { outcome, execution, known };
}

/** The incident is handled; what may still be undone, or must be, keeps the instance for a while. */
function* settleLater(
  handling: IncidentHandling,
  execution: PlanExecution,
  outcome: Outcome,
): Steps<Outcome> {
  const { record } = handling;
  const undone = () => record.file.effects.filter(({ undo }) => undo !== undefined).length;
  const before = undone();
  try {
    execution.tell();
    yield* execution.afterwards();
    if (undone() === before) return outcome;
    const later = execution.outcome === 'undone' ? 'undone' : outcome;
    record.add({ changes: { outcome: later } });
    yield* updateComment(handling, 'result');
    return later;
  } catch (thrown) {
    recordFailure(handling, thrown);
    return outcome;
  }
}

/** What nobody foresaw is work for people: it ends the handling with an outcome that says so. */
function recordFailure({ record }: Handling, thrown: unknown): Outcome {
  const error = toErrorInfo(thrown);
  const message = cleanErrorText(error.message);
  record.add({
    text: `The incident could not be handled further: ${message}`,
    changes: { outcome: 'needs-analyst', error: { ...error, message } },
  });
  return 'needs-analyst';
}

/** Enriches and decides; the decision with every value it saw stands in history and in the case file. */
function* decide(handling: IncidentHandling): Steps<Plan | 'no-playbook'> {
  const { ctx, record, incident, ref } = handling;
  const chosen = yield* callWithRetries(ctx, 'planEnrichments', { incident }, COMPUTE);
  if (!chosen.ok) throw new ResponderError(chosen.error);
  const { playbook, legs, alsoApplied } = chosen.value;
  if (playbook === undefined) return 'no-playbook';
  const findings = [...(yield* enrich(ctx, ref, legs)), ...chosen.value.findings];
  const failures = findings.filter((finding) => finding.status === 'failed').length;
  record.add({
    text: `${count(findings.length, 'enrichment')} ended, ${failures} of them without an answer.`,
    changes: { findings, stage: 'deciding' },
  });
  const decided = yield* callWithRetries(
    ctx,
    'decide',
    { incident, playbookId: playbook.id, alsoApplied, findings },
    COMPUTE,
  );
  if (!decided.ok) throw new ResponderError(decided.error);
  const { decision, plan } = decided.value;
  record.add({
    text: `Decided by playbook ${playbook.id}: ${count(plan.steps.length, 'response')} proposed, ${plan.refused.length} left to people.`,
    changes: { decision, plan },
  });
  return plan;
}

/** A response that policy asks for and that must not be carried out is work for people. */
function withoutSteps(plan: Plan): Outcome {
  return plan.refused.length > 0 ? 'needs-analyst' : 'no-action';
}

/** Nothing can be decided any more: who may decide does not matter. */
const NO_COURT: Court = { tiers: [], about: { armId: '', accounts: [] } };

/** Whatever was said to the instance is answered, also when it came too late. */
function* refuseLateDecisions(handling: Handling, court: Court): Steps<void> {
  const { ctx, record, inbox } = handling;
  try {
    for (;;) {
      const late = yield* inbox.next(now(ctx));
      if (late === undefined) return;
      const counted = yield* judgeMessage(handling, court, late.message);
      if (counted !== undefined) {
        record.add({ text: describeJudged(counted.judged), decisions: [counted.judged] });
      }
    }
  } catch (thrown) {
    record.add({
      text: `A late decision could not be judged: ${cleanErrorText(toErrorInfo(thrown).message)}`,
    });
  }
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
