/** The activities that change something: each acts, or reads back what an action did. */
import type { ActionResult, CallContext } from '../actions/call.js';
import type { Confirmation, IncidentRef, Response } from '../actions/define.js';
import { responses } from '../actions/registry.generated.js';
import { confirmResponse, confirmUndo, runResponse, undoResponse } from '../actions/run.js';
import type { CaseView } from '../domain/case-file.js';
import { type ErrorInfo, ResponderError } from '../domain/errors.js';
import type { ActivityOutput } from '../orchestrator/index.js';
import { renderComment } from '../views/comment.js';
import { renderShortComment } from '../views/short-comment.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { byName } from './by-name.js';
import { clock } from './clock.js';
import { resultFrom } from './result.js';
import { contextOf, recordContext } from './step-context.js';

type ResponseActivity = 'runResponse' | 'confirmResponse' | 'undoResponse' | 'confirmUndo' | 'writeComment';

/** The slot of the status comment that is updated on each incident. */
const LIVING_COMMENT = 'status';

export const responseActivities: Pick<ActivityHandlers, ResponseActivity> = {
  runResponse: ({ incident, step, startDeadline, ...asked }) =>
    resultFrom(async () => {
      inTime(startDeadline);
      const context = { ...recordContext(incident, step, asked), record: step.record };
      const action = byName(responses, step.action);
      const result = await runOf(action, step.input, context);
      return withConfirmation(result, (output) => confirmResponse(action, step.input, output, context));
    }),

  confirmResponse: ({ incident, step, output }) =>
    resultFrom(() =>
      confirmResponse(byName(responses, step.action), step.input, output, recordContext(incident, step)),
    ),

  undoResponse: ({ incident, step, output, others, startDeadline, ...asked }) =>
    resultFrom(async () => {
      inTime(startDeadline);
      const context = recordContext(incident, step, asked);
      const action = byName(responses, step.action);
      const result = mutable(await undoResponse(action, step.input, output, context, others));
      return withConfirmation(result, () => confirmUndo(action, step.input, output, context, others));
    }),

  confirmUndo: ({ incident, step, output, others }) =>
    resultFrom(() =>
      confirmUndo(byName(responses, step.action), step.input, output, recordContext(incident, step), others),
    ),

  writeComment: ({ incident, view }) =>
    resultFrom(async () => {
      const { name, input } = commentOn(incident, view);
      const action = byName(responses, name);
      const context = contextOf(incident, action.name, LIVING_COMMENT);
      const written = await runOf(action, input, context);
      if (!written.ok) return written;
      const read = await confirmResponse(action, input, written.value.output, context);
      if (!read.ok) return read;
      if (read.value.state === 'confirmed') {
        const { commentId, mark } = read.value.evidence;
        return { ok: true, value: { id: commentId ?? mark ?? '' } };
      }
      return {
        ok: false,
        error: unproved(read.value.state === 'failed' ? read.value.reason : read.value.status),
      };
    }),
};

/** Sentinel's comment is rewritten in place; Defender's are added, one for each state. */
function commentOn({ origin }: IncidentRef, view: CaseView) {
  return origin.kind === 'sentinel'
    ? { name: 'sentinel.comment', input: { slot: LIVING_COMMENT, message: renderComment(view) } }
    : { name: 'xdr.comment', input: { incidentId: origin.id, message: renderShortComment(view) } };
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

function unproved(reason: string): ErrorInfo {
  return { code: 'comment-unproved', message: reason, fault: 'service', retry: 'later' };
}
