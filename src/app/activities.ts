/** The activities: each performs one piece of I/O for the orchestration and returns a Result. */
import type { InvocationContext } from '@azure/functions';
import type { Confirmation, IncidentRef, Response } from '../actions/define.js';
import { enrichments, responses } from '../actions/registry.generated.js';
import {
  type ActionResult,
  type CallContext,
  confirmResponse,
  confirmUndo,
  runEnrichment,
  runResponse,
  undoResponse,
} from '../actions/run.js';
import { hashPlan } from '../approvals/index.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { ConditionRecord } from '../domain/plan.js';
import {
  type ActivityInput,
  type ActivityName,
  type ActivityOutput,
  type DecideInput,
  type EnrichmentResult,
  type EnrichmentTask,
  findingOf,
  type Result,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { choosePlaybook, compileEnrichments, decide, targetRequests } from '../playbook/index.js';
import { renderComment } from '../views/comment.js';
import { approvalActivities, openRequests } from './approval-activities.js';
import { clock } from './clock.js';
import { readIncident } from './read-incident.js';
import { resultFrom, toResult } from './result.js';
import { sealer } from './sealing.js';
import { services } from './services.js';
import { contextOf, recordContext } from './step-context.js';
import { resolveTargets } from './targets.js';
import { teamsSetup } from './teams/setup.js';

export type ActivityHandlers = {
  readonly [N in ActivityName]: (
    input: ActivityInput<N>,
    context: InvocationContext,
  ) => Promise<Result<ActivityOutput<N>>>;
};

/** The slot of the status comment that is updated on each incident. */
const LIVING_COMMENT = 'status';

export const activityHandlers: ActivityHandlers = {
  readIncident: ({ armId, start, instanceId }) =>
    toResult(async () => {
      if (!sealer.open(start, { purpose: 'start', instanceId }).ok) throw notStartedByUs();
      const incident = await readIncident(armId);
      return { incident, ...enrichmentsFor(incident) };
    }),

  enrich: ({ incident, tasks, thenDecide }) =>
    toResult(async () => {
      const results = await Promise.all(tasks.map((task) => enrich(incident, task)));
      const isOver = results.every((result) => result.ok || result.error.retry === 'no');
      if (thenDecide === undefined || !isOver) return { results };
      const found = tasks.flatMap((task, i) => (results[i] === undefined ? [] : findingOf(task, results[i])));
      // If planning fails, the findings are still returned; a separate activity then makes the plan.
      const decided = await toResult(() =>
        makePlan({ ...thenDecide, findings: [...found, ...thenDecide.findings] }),
      );
      return decided.ok ? { results, decided: decided.value } : { results };
    }),

  decide: (input) => toResult(() => makePlan(input)),

  ...approvalActivities,

  runResponse: ({ incident, step, startDeadline, ...asked }) =>
    resultFrom(async () => {
      inTime(startDeadline);
      const context = { ...recordContext(incident, step, asked), record: step.record };
      const action = named(responses, step.action);
      const result = await runOf(action, step.input, context);
      return withConfirmation(result, (output) => confirmResponse(action, step.input, output, context));
    }),

  confirmResponse: ({ incident, step, output }) =>
    resultFrom(() =>
      confirmResponse(named(responses, step.action), step.input, output, recordContext(incident, step)),
    ),

  undoResponse: ({ incident, step, output, others, startDeadline, ...asked }) =>
    resultFrom(async () => {
      inTime(startDeadline);
      const context = recordContext(incident, step, asked);
      const action = named(responses, step.action);
      const result = mutable(await undoResponse(action, step.input, output, context, others));
      return withConfirmation(result, () => confirmUndo(action, step.input, output, context, others));
    }),

  confirmUndo: ({ incident, step, output, others }) =>
    resultFrom(() =>
      confirmUndo(named(responses, step.action), step.input, output, recordContext(incident, step), others),
    ),

  writeComment: ({ incident, view }) =>
    resultFrom(async () => {
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

/** The playbook that applies, with its enrichment tasks. An error here does not discard the incident that was read. */
function enrichmentsFor(incident: Incident): Omit<ActivityOutput<'readIncident'>, 'incident'> {
  try {
    return planEnrichments(incident);
  } catch (thrown) {
    return { alsoApplied: [], tasks: [], findings: [], undecided: toErrorInfo(thrown) };
  }
}

function planEnrichments(incident: Incident): Omit<ActivityOutput<'readIncident'>, 'incident'> {
  const { playbooks, catalogue } = services();
  const { playbook, alsoApplied, conditions } = choosePlaybook(playbooks, incident);
  const nothing = { alsoApplied: [], tasks: [], findings: [] };
  if (playbook === undefined) {
    const unknown = conditions.filter(({ result }) => result === 'unknown');
    return unknown.length === 0 ? nothing : { ...nothing, undecided: playbookUnknown(unknown) };
  }
  const { id, title, hash } = playbook;
  const { tasks, findings } = compileEnrichments(playbook, incident, catalogue);
  return {
    playbook: { id, title, hash },
    alsoApplied: [...alsoApplied],
    tasks: tasks.map((task) => ({ ...task, input: { ...task.input } })),
    findings,
  };
}

async function makePlan(input: DecideInput): Promise<ActivityOutput<'decide'>> {
  const { run, incident, playbookId, alsoApplied, findings, submission } = input;
  const { playbooks, catalogue } = services();
  const playbook = named(playbooks, playbookId);
  const { wanted, known } = targetRequests(playbook, incident, findings, catalogue);
  const targets = new Map([...known, ...(await resolveTargets(wanted, incident))]);
  const { decision, body } = decide(playbook, incident, findings, catalogue, targets, alsoApplied);
  const plan = hashPlan(body);
  const channels = teamsSetup() !== undefined;
  return { decision, plan, approvals: await openRequests(plan, run, submission), channels };
}

async function enrich(incident: IncidentRef, task: EnrichmentTask): Promise<EnrichmentResult> {
  const result = await resultFrom(async () => {
    const action = named(enrichments, task.action);
    const context = contextOf(incident, task.action, task.entityKey);
    const called = await runEnrichment(action, task.input, { ...context, deadlineMs: task.deadlineMs });
    if (!called.ok) return called;
    const { value: output, record, durationMs } = called;
    return { ok: true, value: { output, record, durationMs } };
  });
  return result.ok ? { ok: true, ...result.value } : result;
}

type Ran = ActivityOutput<'runResponse'> | ActivityOutput<'undoResponse'>;

/** Tries to confirm the effect at once. A missing confirmation is no failure, because services report effects with a delay. */
async function withConfirmation<R extends Ran>(
  ran: ActionResult<R>,
  confirm: (output: unknown) => Promise<ActionResult<Confirmation>>,
): Promise<ActionResult<R>> {
  if (!ran.ok || ran.value.state === 'prechecked' || ran.value.state === 'not-ours') return ran;
  const seen = await confirm(ran.value.output);
  if (!seen.ok || seen.value.state !== 'confirmed') return ran;
  return { ...ran, value: { ...ran.value, confirmation: seen.value } };
}

/**
 * After the start deadline, the orchestration no longer waits for this activity, and its alternative may already be undone.
 * An earlier delivery of the same request may have acted.
 */
function inTime(startDeadline: number): void {
  if (clock.now() <= startDeadline) return;
  throw new ResponderError({
    code: 'too-late',
    message: 'The activity started after its deadline; nothing was done.',
    fault: 'responder',
    retry: 'check-before-retry',
  });
}

async function runOf(
  action: Response,
  input: unknown,
  context: CallContext,
): Promise<ActionResult<ActivityOutput<'runResponse'>>> {
  return mutable(await runResponse(action, input, context));
}

function mutable<T extends { readonly evidence: Readonly<Record<string, string>> }>(
  result: ActionResult<T>,
): ActionResult<T & { evidence: Record<string, string> }> {
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
    fault: 'responder',
    retry: 'no',
    next: 'Handle this incident manually; another version of the responder started it.',
  });
}

/** The error for an unsealed start: any client of the durable extension can start an instance with any input. */
function notStartedByUs(): ResponderError {
  return new ResponderError({
    code: START_NOT_SEALED,
    message: 'The responder did not start this instance; nothing was read and nothing was done.',
    fault: 'caller',
    retry: 'no',
    next: 'Find out who has the system key of the durable extension, and renew the key.',
  });
}

/** If a playbook condition is unknown, an analyst must handle the incident: unknown is not the same as no match. */
function playbookUnknown(conditions: readonly ConditionRecord[]): ErrorInfo {
  const each = conditions.map(({ rule, because }) => `${rule} (${because.join('; ')})`);
  return {
    code: 'playbook-unknown',
    message: `It is unknown whether a playbook applies: ${each.join(', ')}.`,
    fault: 'caller',
    retry: 'no',
    next: 'Handle the incident manually; use has(…) in the condition for fields that may be missing.',
  };
}

function unproved(reason: string): ErrorInfo {
  return { code: 'comment-unproved', message: reason, fault: 'service', retry: 'later' };
}
