/** The approvals page: server-rendered, without scripts. A GET never changes anything: mail scanners follow links. */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { instanceIdOfRequest } from '../../domain/approval.js';
import { clock } from '../clock.js';
import { Instances, isInstanceId } from '../durable-client.js';
import { requestOf } from '../http/approval-view.js';
import type { Handler } from '../http/guard.js';
import { casePage } from './case.js';
import { decideOnPage } from './decide.js';
import { noticePage } from './layout.js';
import { queuePage } from './queue.js';
import { requestPage } from './request.js';
import { changeAnalyst, offerAnalysts, offerSignIn, signIn } from './sign-in.js';
import { available, forVisitor, type Visitor } from './visitor.js';

export function registerPage(): void {
  const extraInputs = [df.input.durableClient()];
  const route = (name: string, method: 'GET' | 'POST', path: string, handler: Handler) =>
    app.http(name, {
      methods: [method],
      route: path,
      authLevel: 'anonymous',
      extraInputs,
      handler,
    });
  route('offerSignIn', 'GET', 'sign-in', available(offerSignIn));
  route('signIn', 'POST', 'sign-in', available(signIn));
  route('offerAnalysts', 'GET', 'sign-in/analyst', forVisitor(offerAnalysts));
  route('changeAnalyst', 'POST', 'sign-in/analyst', forVisitor(changeAnalyst));
  route('approvalsPage', 'GET', 'approvals', forVisitor(showQueue));
  route('approvalPage', 'GET', 'approvals/{id}', forVisitor(showOne));
  route('decideOnPage', 'POST', 'approvals/{id}', forVisitor(decideOnPage));
}

async function showQueue(
  { query }: HttpRequest,
  context: InvocationContext,
  visitor: Visitor,
): Promise<HttpResponseInit> {
  const follow = query.get('follow') === '1';
  return queuePage({ instances: await new Instances(context).list(), now: clock.now(), visitor, follow });
}

/** A request, or all that is known of an incident: their ids tell them apart. */
async function showOne(
  { params, query }: HttpRequest,
  context: InvocationContext,
  visitor: Visitor,
): Promise<HttpResponseInit> {
  const { id = '' } = params;
  const instanceId = isInstanceId(id) ? id : instanceIdOfRequest(id);
  const file = instanceId === undefined ? undefined : await new Instances(context).caseFile(instanceId);
  if (file === undefined) return unknown();
  const now = clock.now();
  const follow = query.get('follow') === '1';
  if (id === instanceId) return casePage({ file, now, visitor, follow });
  const request = requestOf(file, id);
  if (request === undefined) return unknown();
  const justDecided = query.get('decision') ?? undefined;
  return requestPage({ file, request, now, visitor, follow, justDecided });
}

export function unknown(): HttpResponseInit {
  return noticePage(
    'Unknown request',
    404,
    'Nothing is handled under this address.',
    'Open the list of approvals.',
  );
}
