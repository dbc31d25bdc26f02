/** The activities: each does one thing outside of the orchestration, and answers with an envelope. */
import type { InvocationContext } from '@azure/functions';
import type { Confirmation, IncidentRef, Response } from '../actions/define.js';
import { enrichments, responses } from '../actions/registry.generated.js';
import {
  type ActionEnvelope,
  type CallContext,
  confirmResponse,
  confirmUndo,
  runEnrichment,
  runResponse,
  undoResponse,
} from '../actions/run.js';
import { sealPlan } from '../approvals/index.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { ConditionRecord } from '../domain/plan.js';
import {
  type ActivityInput,
  type ActivityName,
  type ActivityOutput,
  type DecideInput,
  type EnrichmentLeg,
  type EnrichmentResult,
  type Envelope,
  findingOf,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { choosePlaybook, compileLegs, decide, wantedTargets } from '../playbook/index.js';
import { renderComment } from '../report/comment.js';
import { answer, answerFrom } from './answer.js';
import { approvalActivities, openRequests } from './approval-activities.js';
import { clock } from './clock.js';
import { composition } from './composition.js';
import { readIncident } from './read-incident.js';
import { sealer } from './sealing.js';
import { contextOf, recordContext } from './step-context.js';
import { resolveTargets } from './targets.js';
import { teamsSetup } from './teams/setup.js';

export type ActivityHandlers = {
  readonly [N in ActivityName]: (
    input: ActivityInput<N>,
    context: InvocationContext,
  ) => Promise<Envelope<ActivityOutput<N>>>;
};

/** The slot of the one comment that is kept up to date on each incident. */
const LIVING_COMMENT = 'status';

export const activityHandlers: ActivityHandlers = {
  readIncident: ({ armId, start, instanceId }) =>
    answer(async () => {
      if (!sealer.open(start, { purpose: 'start', instanceId }).ok) throw notStartedByUs();
      const incident = await readIncident(armId);
      return { incident, ...enrichmentsFor(incident) };
    }),

  enrich: ({ incident, legs, thenDecide }) =>
    answer(async () => {
      const results = await Promise.all(legs.map((leg) => enrich(incident, leg)));
      const isOver = results.every((result) => result.ok || result.error.retry === 'no');
      if (thenDecide === undefined || !isOver) return { results };
      const found = legs.flatMap((leg, i) => (results[i] === undefined ? [] : findingOf(leg, results[i])));
      // A fault in deciding takes nothing from what was found: it is decided by an activity of its own then.
      const decided = await answer(() =>
        makePlan({ ...thenDecide, findings: [...found, ...thenDecide.findings] }),
      );
      return decided.ok ? { results, decided: decided.value } : { results };
    }),

  decide: (input) => answer(() => makePlan(input)),

  ...approvalActivities,

  runResponse: ({ incident, step, startBy, ...asked }) =>
    answerFrom(async () => {
      inTime(startBy);
      const context = { ...recordContext(incident, step, asked), record: step.record };
      const action = named(responses, step.action);
      const result = await runOf(action, step.input, context);
      return lookedAt(result, (output) => confirmResponse(action, step.input, output, context));
    }),

  confirmResponse: ({ incident, step, output }) =>
    answerFrom(() =>
      confirmResponse(named(responses, step.action), step.input, output, recordContext(incident, step)),
    ),

  undoResponse: ({ incident, step, output, others, startBy, ...asked }) =>
    answerFrom(async () => {
      inTime(startBy);
      const context = recordContext(incident, step, asked);
      const action = named(responses, step.action);
      const result = mutable(await undoResponse(action, step.input, output, context, others));
      return lookedAt(result, () => confirmUndo(action, step.input, output, context, others));
    }),

  confirmUndo: ({ incident, step, output, others }) =>
    answerFrom(() =>
      confirmUndo(named(responses, step.action), step.input, output, recordContext(incident, step), others),
    ),

  writeComment: ({ incident, view }) =>
    answerFrom(async () => {
      const action = named(responses, 'sentinel.comment');
      const context = contextOf(incident, action.name, LIVING_COMMENT);
      const input = { slot: LIVING_COMMENT, message: renderComment(view) };
      const written = await runOf(action, input, context);
      if (!written.ok) return written;
      const read = await confirmResponse(action, input, written.value.output, context);
      if (!read.ok) return read;
      if (read.value.state === 'confirmed') {
        return { ok: true, value: { id: read.value.evidence.commentId ?? '' } };
      }
      return {
        ok: false,
        error: unproved(read.value.state === 'failed' ? read.value.reason : read.value.status),
      };
    }),
};

/** The playbook that applies, and what it wants to know. A fault in that takes nothing from what was read. */
function enrichmentsFor(incident: Incident): Omit<ActivityOutput<'readIncident'>, 'incident'> {
  try {
    return planEnrichments(incident);
  } catch (thrown) {
    return { alsoApplied: [], legs: [], findings: [], undecided: toErrorInfo(thrown) };
  }
}

function planEnrichments(incident: Incident): Omit<ActivityOutput<'readIncident'>, 'incident'> {
  const { playbooks, catalogue } = composition();
  const { playbook, alsoApplied, conditions } = choosePlaybook(playbooks, incident);
  const nothing = { alsoApplied: [], legs: [], findings: [] };
  if (playbook === undefined) {
    const unknown = conditions.filter(({ result }) => result === 'unknown');
    return unknown.length === 0 ? nothing : { ...nothing, undecided: notKnown(unknown) };
  }
  const { id, title, hash } = playbook;
  const { legs, findings } = compileLegs(playbook, incident, catalogue);
  return {
    playbook: { id, title, hash },
    alsoApplied: [...alsoApplied],
    legs: legs.map((leg) => ({ ...leg, input: { ...leg.input } })),
    findings,
  };
}

async function makePlan(input: DecideInput): Promise<ActivityOutput<'decide'>> {
  const { run, incident, playbookId, alsoApplied, findings, handedIn } = input;
  const { playbooks, catalogue } = composition();
  const playbook = named(playbooks, playbookId);
  const { wanted, known } = wantedTargets(playbook, incident, findings, catalogue);
  const targets = new Map([...known, ...(await resolveTargets(wanted, incident))]);
  const { decision, body } = decide(playbook, incident, findings, catalogue, targets, alsoApplied);
  const plan = sealPlan(body);
  const channels = teamsSetup() !== undefined;
  return { decision, plan, approvals: await openRequests(plan, run, handedIn), channels };
}

async function enrich(incident: IncidentRef, leg: EnrichmentLeg): Promise<EnrichmentResult> {
  const result = await answerFrom(async () => {
    const action = named(enrichments, leg.action);
    const context = contextOf(incident, leg.action, leg.entityKey);
    const called = await runEnrichment(action, leg.input, { ...context, deadlineMs: leg.deadlineMs });
    if (!called.ok) return called;
    const { value: output, record, durationMs } = called;
    return { ok: true, value: { output, record, durationMs } };
  });
  return result.ok ? { ok: true, ...result.value } : result;
}

type Ran = ActivityOutput<'runResponse'> | ActivityOutput<'undoResponse'>;

/** Many effects show at once. Where one does not yet, that says nothing: services are not that fast. */
async function lookedAt<R extends Ran>(
  ran: ActionEnvelope<R>,
  look: (output: unknown) => Promise<ActionEnvelope<Confirmation>>,
): Promise<ActionEnvelope<R>> {
  if (!ran.ok || ran.value.state === 'looked' || ran.value.state === 'not-ours') return ran;
  const seen = await look(ran.value.output);
  if (!seen.ok || seen.value.state !== 'confirmed') return ran;
  return { ...ran, value: { ...ran.value, confirmation: seen.value } };
}

/**
 * Whoever asked for it has given up, and what was done instead may have been undone since. An earlier delivery of the
 * same request may have acted.
 */
function inTime(startBy: number): void {
  if (clock.now() <= startBy) return;
  throw new ResponderError({
    code: 'too-late',
    message: 'The request came to its turn too late; nothing was done.',
    blame: 'responder',
    retry: 'read-first',
  });
}

async function runOf(
  action: Response,
  input: unknown,
  context: CallContext,
): Promise<ActionEnvelope<ActivityOutput<'runResponse'>>> {
  return mutable(await runResponse(action, input, context));
}

function mutable<T extends { readonly evidence: Readonly<Record<string, string>> }>(
  result: ActionEnvelope<T>,
): ActionEnvelope<T & { evidence: Record<string, string> }> {
  if (!result.ok) return result;
  return { ...result, value: { ...result.value, evidence: { ...result.value.evidence } } };
}

function named<T extends { readonly name: string } | { readonly id: string }>(
  all: readonly T[],
  name: string,
): T {
  const found = all.find((one) => ('id' in one ? one.id : one.name) === name);
  if (found) return found;
  throw new ResponderError({
    code: 'unknown-name',
    message: `This version of the responder has no action or playbook ${name}.`,
    blame: 'responder',
    retry: 'no',
    next: 'Handle this incident by hand; it was begun by another version.',
  });
}

/** Whoever may call the durable extension can start an instance, with whatever input. */
function notStartedByUs(): ResponderError {
  return new ResponderError({
    code: START_NOT_SEALED,
    message:
      'This instance was not started by a door of the responder; nothing was read and nothing was done.',
    blame: 'caller',
    retry: 'no',
    next: 'Find out who holds the system key of the durable extension, and renew it.',
  });
}

/** Not known is not "no": an incident that a playbook may be meant for is not left to nobody. */
function notKnown(conditions: readonly ConditionRecord[]): ErrorInfo {
  const each = conditions.map(({ rule, because }) => `${rule} (${because.join('; ')})`);
  return {
    code: 'playbook-unknown',
    message: `Whether a playbook applies is not known: ${each.join(', ')}.`,
    blame: 'caller',
    retry: 'no',
    next: 'Handle the incident by hand; ask has(…) in the condition for what may be missing.',
  };
}

function unproved(reason: string): ErrorInfo {
  return { code: 'comment-unproved', message: reason, blame: 'service', retry: 'later' };
}
