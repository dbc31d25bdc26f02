/** The orchestration: one instance handles one incident from its arrival to its outcome. */
import { z } from 'zod';
import type { Outcome } from '../domain/case-file.js';
import { cleanErrorText } from '../domain/error-text.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { Plan } from '../domain/plan.js';
import { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { judgeMessage } from './decisions.js';
import { type Context, isoTime, now, type Steps } from './durable.js';
import { enrich } from './enrich.js';
import { count, type Handling, type IncidentHandling, incidentRef } from './handling.js';
import { readIncident } from './read.js';
import { respond } from './respond.js';
import { callWithRetries } from './retry.js';
import { Inbox } from './waiting.js';

/** What an intake door starts an instance with. */
export const handleIncidentInputSchema = z.object({
  /** Lower-cased ARM id. */
  incidentKey: z.string(),
  armId: z.string(),
  door: z.enum(['service-bus', 'event-grid', 'http']),
  /** ISO 8601, UTC. */
  receivedAt: z.string(),
});
export type HandleIncidentInput = z.infer<typeof handleIncidentInputSchema>;
export interface HandleIncidentOutput {
  readonly incidentKey: string;
  readonly outcome: Outcome;
}

const COMPUTE = { attempts: 4, firstMs: 2_000, longestMs: 30_000 };

/** Ends with an outcome, not with an error: what went wrong stands in the case file, for an analyst to take over. */
export function* handleIncident(ctx: Context): Steps<HandleIncidentOutput> {
  const input = handleIncidentInputSchema.parse(ctx.df.getInput());
  const record = new CaseRecorder(ctx, {
    incidentKey: input.incidentKey,
    armId: input.armId,
    instanceId: ctx.df.instanceId,
    title: `Incident ${input.armId.split('/').at(-1) ?? ''}`,
    severity: 'unknown',
    receivedAt: input.receivedAt,
  });
  const handling: Handling = { ctx, record, inbox: new Inbox(ctx) };
  let outcome: Outcome;
  try {
    outcome = yield* handle(handling, input.armId);
  } catch (thrown) {
    const error = toErrorInfo(thrown);
    const message = cleanErrorText(error.message);
    outcome = 'needs-analyst';
    record.add({
      text: `The incident could not be handled further: ${message}`,
      changes: { outcome, error: { ...error, message } },
    });
  }
  yield* refuseLateDecisions(handling);
  record.add({
    text: `Ended: ${outcome}.`,
    changes: { stage: 'ended', outcome, endedAt: isoTime(ctx) },
  });
  return { incidentKey: input.incidentKey, outcome };
}

function* handle(handling: Handling, armId: string): Steps<Outcome> {
  const { record } = handling;
  const read = yield* readIncident(handling, armId);
  if (read.kind === 'unreadable') {
    record.add({
      text: `The incident could not be read: ${read.error.message}`,
      changes: { outcome: read.outcome, error: read.error },
    });
    return read.outcome;
  }
  const { incident } = read;
  if (incident.status === 'closed' || incident.status === 'merged') {
    record.add({
      text: `The incident is ${incident.status} already.`,
      changes: { ...facts(incident), outcome: 'incident-closed' },
    });
    return 'incident-closed';
  }
  record.add({
    text: `Read back: ${count(incident.alerts.length, 'alert')}, ${incident.entities.length} ${incident.entities.length === 1 ? 'entity' : 'entities'}.`,
    changes: { ...facts(incident), stage: 'enriching' },
  });
  const known: IncidentHandling = { ...handling, incident, ref: incidentRef(incident) };
  const plan = yield* decide(known);
  if (plan === 'no-playbook') {
    record.add({ text: 'No playbook applies.', changes: { outcome: plan } });
    return plan;
  }
  const outcome = plan.steps.length > 0 ? yield* proposeAndRespond(known, plan) : withoutSteps(plan);
  record.add({ text: `Outcome: ${outcome}.`, changes: { outcome } });
  yield* updateComment(known, 'result');
  return outcome;
}

/** Enriches and decides; the decision with every value it saw stands in history and in the case file. */
function* decide(handling: IncidentHandling): Steps<Plan | 'no-playbook'> {
  const { ctx, record, incident, ref } = handling;
  const chosen = yield* callWithRetries(ctx, 'planEnrichments', { incident }, COMPUTE);
  if (!chosen.ok) throw new ResponderError(chosen.error);
  const { playbook, legs } = chosen.value;
  if (playbook === undefined) return 'no-playbook';
  const findings = yield* enrich(ctx, incident, ref, legs);
  const failures = findings.filter((finding) => finding.status === 'failed').length;
  record.add({
    text: `${count(findings.length, 'enrichment')} ended, ${failures} of them without an answer.`,
    changes: { findings, stage: 'deciding' },
  });
  const decided = yield* callWithRetries(ctx, 'decide', { incident, playbook, findings }, COMPUTE);
  if (!decided.ok) throw new ResponderError(decided.error);
  const { decision, plan } = decided.value;
  record.add({ text: decision.summary, changes: { decision, ...(plan && { plan }) } });
  return plan ?? 'no-playbook';
}

function* proposeAndRespond(handling: IncidentHandling, plan: Plan): Steps<Outcome> {
  yield* updateComment(handling, 'proposal');
  return yield* respond(handling, plan);
}

/** A response that policy asks for and that must not be carried out is work for people. */
function withoutSteps(plan: Plan): Outcome {
  return plan.refused.length > 0 ? 'needs-analyst' : 'no-action';
}

/** Whatever was said to the instance is answered, also when it came too late. */
function* refuseLateDecisions(handling: Handling): Steps<void> {
  const { ctx, record, inbox } = handling;
  try {
    for (;;) {
      const late = yield* inbox.next(now(ctx));
      if (late === undefined) return;
      yield* judgeMessage(handling, late.message);
    }
  } catch (thrown) {
    record.add({
      text: `A late decision could not be judged: ${cleanErrorText(toErrorInfo(thrown).message)}`,
    });
  }
}

function facts(incident: Incident) {
  return {
    title: incident.title,
    severity: incident.severity,
    ...(incident.number === undefined ? {} : { number: incident.number }),
    ...(incident.url === undefined ? {} : { url: incident.url }),
  };
}
