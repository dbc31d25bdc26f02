/** The approvals page: server-rendered, without scripts. A GET never changes anything: mail scanners follow links. */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { clock } from '../clock.js';
import { decide, decisionRequestSchema } from '../decide.js';
import { Instances, isInstanceId } from '../durable-client.js';
import { analyst, FOREIGN } from '../http/approvals.js';
import { FAILED, type Handler, isSameOrigin, localSignIn, signedIn } from '../http/guard.js';
import { LocalSignIn } from '../sign-in.js';
import { noticePage, redirect } from './layout.js';
import { queuePage } from './queue.js';
import { requestPage } from './request.js';
import { offerSignIn, signIn } from './sign-in.js';

const PAGE = '/api/approvals/page';
const MAXIMUM_FORM = 64 * 1024;

interface Visitor {
  readonly local: LocalSignIn;
  readonly session: string;
}

export function registerPage(): void {
  const extraInputs = [df.input.durableClient()];
  const route = (name: string, method: 'GET' | 'POST', path: string, handler: Handler) =>
    app.http(name, { methods: [method], route: path, authLevel: 'anonymous', extraInputs, handler });
  route('offerSignIn', 'GET', 'approvals/sign-in', available(offerSignIn));
  route('signIn', 'POST', 'approvals/sign-in', available(signIn));
  route('approvalsPage', 'GET', 'approvals/page', forVisitor(showQueue));
  route('approvalPage', 'GET', 'approvals/page/{instanceId}', forVisitor(showRequest));
  route('decideOnPage', 'POST', 'approvals/page/{instanceId}/decide', forVisitor(decideOnPage));
}

function available(handler: Handler<[LocalSignIn]>): Handler {
  return async (request, context) => {
    const local = localSignIn(request);
    if (local instanceof LocalSignIn) return handler(request, context, local);
    return noticePage('Not available here', local.status, local.detail, local.next);
  };
}

function forVisitor(handler: Handler<[Visitor]>): Handler {
  return available(async (request, context, local) => {
    const who = signedIn(request, local);
    if (who?.channel === 'web') {
      try {
        return await handler(request, context, { local, session: who.session });
      } catch (error) {
        context.error('A page failed.', error);
        return noticePage('Not available now', FAILED.status, FAILED.detail, FAILED.next);
      }
    }
    const text = 'This page is open only to whoever started the responder.';
    return noticePage('Not signed in', 401, text, 'Open the link that was printed at start.');
  });
}

async function showQueue(_request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  return queuePage(await new Instances(context).list(), clock.now());
}

async function showRequest(
  request: HttpRequest,
  context: InvocationContext,
  visitor: Visitor,
): Promise<HttpResponseInit> {
  const { instanceId } = request.params;
  return isInstanceId(instanceId) ? render(new Instances(context), instanceId, visitor) : unknown();
}

async function decideOnPage(
  request: HttpRequest,
  context: InvocationContext,
  visitor: Visitor,
): Promise<HttpResponseInit> {
  const { instanceId } = request.params;
  if (!isInstanceId(instanceId)) return unknown();
  const form = await readForm(request);
  const token = form?.get('form') ?? '';
  if (form === undefined || !isSameOrigin(request) || !visitor.local.isFormToken(visitor.session, token)) {
    return noticePage('Not allowed', 403, FOREIGN.detail, FOREIGN.next);
  }
  const kind = form.get('kind');
  const parsed = decisionRequestSchema.safeParse({
    kind,
    planHash: form.get('planHash'),
    steps: kind === 'approve' ? form.getAll('step') : [],
    reason: form.get('reason')?.trim() || undefined,
  });
  if (!parsed.success) return noticePage('Not understood', 400, 'The form was not filled in as expected.');
  const instances = new Instances(context);
  const by = analyst({ channel: 'web', session: visitor.session });
  const decided = await decide(instances, instanceId, parsed.data, by);
  if (decided.kind === 'unknown') return unknown();
  if (decided.kind === 'judged' && !decided.verdict.accepted) {
    return render(instances, instanceId, visitor, decided.verdict.message);
  }
  return redirect(`${PAGE}/${instanceId}`);
}

async function render(
  instances: Instances,
  instanceId: string,
  { local, session }: Visitor,
  refusal?: string,
): Promise<HttpResponseInit> {
  const file = await instances.caseFile(instanceId);
  if (file === undefined) return unknown();
  const formToken = local.formToken(session);
  return requestPage({ file, now: clock.now(), formToken, ...(refusal === undefined ? {} : { refusal }) });
}

async function readForm(request: HttpRequest): Promise<URLSearchParams | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return undefined;
  const text = await request.text();
  return text.length <= MAXIMUM_FORM ? new URLSearchParams(text) : undefined;
}

function unknown(): HttpResponseInit {
  return noticePage('Unknown incident', 404, 'No incident is handled under this address.');
}
