/** The retry on the page of an incident: a form for everything that is unfinished, and the POST that it makes. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { unsettledSteps } from '../../domain/unsettled-steps.js';
import { admit, TOO_FAST } from '../admission.js';
import { deciderOf } from '../decide.js';
import { FOREIGN, instancesFor, isSameOrigin } from '../http/guard.js';
import { refusalOf } from '../http/retry.js';
import { type Instance, isInstanceId } from '../incident-instances.js';
import { retryIncident, retryOf } from '../retry-incident.js';
import { checkFormToken, formToken } from './form-token.js';
import { noticePage, PAGE, redirect } from './layout.js';
import { enteredIn, forbidden, invalidForm } from './posted-form.js';
import type { Viewer } from './viewer.js';

const formSchema = z.object({
  form: z.string(),
  generation: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number),
  /** Present if the form offers steps to choose. */
  choice: z.literal('steps').optional(),
  steps: z.array(z.string().max(500)).max(500),
});

const ABOUT = {
  reading: ['Not read yet', 'Read again now', 'The pause before the next attempt ends.'],
  updated: ['Not finished', 'Try again', 'What is unfinished is proposed again.'],
  restarted: ['Not finished', 'Try again', 'A new run of the incident begins.'],
} as const;
const OTHERS_DECIDE = 'What is done stays done. Another approver has to decide about what is proposed.';

/** Undefined if there is nothing to try again. With several unfinished steps, those to try can be chosen. */
export function retryForm(instance: Instance, file: CaseFile, { caller }: Viewer): SafeHtml | undefined {
  const possible = retryOf(instance, file);
  if (possible === 'busy' || possible === 'final') return undefined;
  const [title, button, what] = ABOUT[possible];
  const { instanceId, generation } = file;
  const steps = possible === 'reading' ? [] : unsettledSteps(file);
  const choices = steps.map(
    ({ id, title: does, target }, n) =>
      html`<div class="step"><input type="checkbox" id="retry-${n}" name="step" value="${id}" checked><label for="retry-${n}"><strong>${does}</strong>: ${target}</label></div>`,
  );
  const choice =
    steps.length < 2
      ? html``
      : html`<fieldset><legend>Steps to try again</legend><input type="hidden" name="choice" value="steps">${choices}</fieldset>`;
  return html`<section><h2>${title}</h2><form method="post" action="${PAGE}/${instanceId}/retry">
<input type="hidden" name="form" value="${formToken(binding(caller.session, instanceId, generation))}"><input type="hidden" name="generation" value="${generation}">
<p>${what} ${OTHERS_DECIDE}</p>${choice}
<div class="buttons"><button>${button}</button></div></form></section>`;
}

/** In place of the form: another instance handles the incident. */
export function elsewhereNote(instanceId: string): SafeHtml {
  return html`<section><h2>Handled in another case</h2><p>${linkTo(instanceId)}</p></section>`;
}

const linkTo = (instanceId: string) =>
  html`Another case handles the incident: <a href="${PAGE}/${instanceId}">${instanceId}</a>.`;

/** The form is bound to the session and to one run: an old one does not try a later run again. */
const binding = (session: string, instanceId: string, generation: number) => [
  session,
  'retry',
  instanceId,
  String(generation),
];

/** The POST handler. A decision on the page and a retry follow the same rules. */
export async function retryOnPage(
  request: HttpRequest,
  context: InvocationContext,
  { caller }: Viewer,
): Promise<HttpResponseInit> {
  const { id } = request.params;
  const refused = (code: string, page: HttpResponseInit) => {
    context.warn(`A retry was refused (${code}).`);
    return page;
  };
  if (!isSameOrigin(request)) return refused(FOREIGN.code, forbidden());
  const form = await enteredIn(request, formSchema);
  if (form === undefined || !isInstanceId(id)) {
    return refused('not-understood', invalidForm());
  }
  const by = admit(deciderOf(caller));
  if (by.kind === 'too-fast') {
    return refused('too-many-decisions', noticePage('Too many decisions', 429, TOO_FAST, 'Wait a minute.'));
  }
  const checked = checkFormToken(form.form, binding(caller.session, id, form.generation));
  if (checked.kind === 'forged') return refused('foreign-form', forbidden());
  const instances = instancesFor(caller, context);
  if (checked.kind === 'old' || (await instances.lastRun(id))?.generation !== form.generation) {
    return refused('old-form', noticePage('Not tried again', 409, TOO_OLD, LOOK));
  }
  if (form.choice !== undefined && form.steps.length === 0) {
    return refused('no-step', noticePage('Not tried again', 422, 'No step was chosen.', LOOK));
  }
  const result = await retryIncident(instances, id, {
    by: { id: by.objectId, name: `${by.name} (${by.channel})` },
    steps: form.steps,
  });
  if (typeof result === 'object') {
    const { elsewhere } = result;
    return refused('handled-elsewhere', noticePage('Not tried again', 409, linkTo(elsewhere), LOOK_THERE));
  }
  const refusal = refusalOf(result);
  if (refusal !== undefined) {
    return refused(refusal.code, noticePage('Not tried again', refusal.status, refusal.detail, LOOK));
  }
  context.log(`Incident ${id}: ${by.objectId} requested a retry (${result}).`);
  return redirect(`${PAGE}/${id}?follow=1`);
}

const TOO_OLD = 'The page is out of date: it was open for more than 30 minutes, or a new run has begun.';
const LOOK_THERE = 'Open that case and look at its current state.';
const LOOK = 'Open the incident again and look at its current state.';
