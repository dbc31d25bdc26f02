import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { decisionKindSchema } from '../../domain/approval.js';
import { admit, TOO_FAST } from '../admission.js';
import { caseToDecide } from '../cases.js';
import { clock } from '../clock.js';
import { decide, deciderOf } from '../decide.js';
import { FOREIGN, instancesFor, isSameOrigin } from '../http/guard.js';
import { REFUSAL_STATUS } from '../http/refusals.js';
import { recordRefusedDecision } from '../record-refused-decision.js';
import type { Refusal } from './decision-notice.js';
import { checkFormToken } from './form-token.js';
import type { Entered } from './forms.js';
import { noticePage, PAGE, redirect } from './layout.js';
import { enteredIn, forbidden, invalidForm } from './posted-form.js';
import { formBinding, requestPage } from './request.js';
import type { Viewer } from './viewer.js';

const formSchema = z.object({
  form: z.string(),
  kind: decisionKindSchema,
  revision: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
  planHash: z.string().max(100),
  steps: z.array(z.string().max(500)).max(500),
  reason: z.string().trim().max(2000).default(''),
});

const UNKNOWN = 'There is no approval request at this address.';
const TOO_OLD =
  'The page was open for more than 30 minutes, so the decision was not submitted. Check the current state, then decide.';

/** The POST handler for all decision kinds. Every answer shows the current state of the request. */
export async function decideOnPage(
  request: HttpRequest,
  context: InvocationContext,
  viewer: Viewer,
): Promise<HttpResponseInit> {
  const { id: requestId = '' } = request.params;
  const { caller } = viewer;
  const unseen = (code: string) => context.warn(`A form was refused (${code}).`);
  if (!isSameOrigin(request)) {
    unseen(FOREIGN.code);
    return forbidden();
  }
  const form = await enteredIn(request, formSchema);
  if (form === undefined) {
    unseen('not-understood');
    return invalidForm();
  }
  const by = admit(deciderOf(caller));
  if (by.kind === 'too-fast') {
    unseen('too-many-decisions');
    return noticePage('Too many decisions', 429, TOO_FAST, 'Wait a minute.');
  }
  const { kind, steps, reason, revision, planHash } = form;
  const checked = checkFormToken(
    form.form,
    formBinding(caller.session, { id: requestId, revision, planHash }),
  );
  const instances = instancesFor(caller, context);
  const refused = (code: string, message: string) =>
    recordRefusedDecision(
      instances,
      { id: `form-${randomUUID()}`, requestId, kind, steps, revision, reason: reason || undefined, by },
      { code, message },
      context,
    );
  if (checked.kind === 'forged') {
    await refused('foreign-form', 'The form was not issued to this person for this revision.');
    return forbidden();
  }
  const render = async (refusal: Refusal): Promise<HttpResponseInit> => {
    const found = await caseToDecide(instances, requestId);
    if (found === undefined) return noticePage('Unknown request', 404, UNKNOWN);
    const entered: Entered = { kind, steps, reason };
    return requestPage({ ...found, now: clock.now(), viewer, follow: false, refusal, entered });
  };
  if (checked.kind === 'old') {
    await refused('old-form', TOO_OLD);
    return render({ status: 409, message: TOO_OLD });
  }

  const id = checked.decisionId;
  const chosen = kind === 'approve' || kind === 'undo' ? steps : [];
  const submitted = { id, requestId, kind, steps: chosen, revision, planHash, reason: reason || undefined };
  const decided = await decide(instances, submitted, by, context);
  if (decided.kind === 'unknown') return noticePage('Unknown request', 404, UNKNOWN);
  if (decided.kind === 'reused') return render({ status: 409, message: decided.message });
  if (decided.kind === 'evaluated' && !decided.outcome.accepted) {
    const { code, message } = decided.outcome;
    return render({ status: REFUSAL_STATUS[code], message });
  }
  return redirect(`${PAGE}/${requestId}?decision=${id}&follow=1`);
}
