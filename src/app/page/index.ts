/** The approvals page: server-rendered, without scripts. A GET never changes state, because mail scanners follow links. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { ownerElsewhere } from '../aliases.js';
import { caseOfInstance, caseToDecide } from '../cases.js';
import { clock } from '../clock.js';
import { type Handler, instancesFor } from '../http/guard.js';
import { httpRoute } from '../http/route.js';
import { ENDED, type IncidentInstances, type Instance, isInstanceId } from '../incident-instances.js';
import { casePage } from './case.js';
import { decideOnPage } from './decide.js';
import { available, forViewer } from './guard.js';
import { noticePage } from './layout.js';
import { queuePage } from './queue.js';
import { requestPage } from './request.js';
import { elsewhereNote, retryForm, retryOnPage } from './retry.js';
import { changeAnalyst, offerAnalysts, offerSignIn, signIn } from './sign-in.js';
import type { Viewer } from './viewer.js';

export function registerPage(): void {
  const extraInputs = [df.input.durableClient()];
  const route = (name: string, method: 'GET' | 'POST', path: string, handler: Handler) =>
    httpRoute(name, {
      methods: [method],
      route: path,
      authLevel: 'anonymous',
      extraInputs,
      handler,
    });
  route('offerSignIn', 'GET', 'sign-in', available(offerSignIn));
  route('signIn', 'POST', 'sign-in', available(signIn));
  route('offerAnalysts', 'GET', 'sign-in/analyst', forViewer(offerAnalysts));
  route('changeAnalyst', 'POST', 'sign-in/analyst', forViewer(changeAnalyst));
  route('approvalsPage', 'GET', 'approvals', forViewer(showQueue));
  route('approvalPage', 'GET', 'approvals/{id}', forViewer(showOne));
  route('decideOnPage', 'POST', 'approvals/{id}', forViewer(decideOnPage));
  route('retryOnPage', 'POST', 'approvals/{id}/retry', forViewer(retryOnPage));
}

async function showQueue(
  { query }: HttpRequest,
  context: InvocationContext,
  viewer: Viewer,
): Promise<HttpResponseInit> {
  const follow = query.get('follow') === '1';
  const client = instancesFor(viewer.caller, context);
  const now = clock.now();
  const [running, ended] = [await client.running(), await endedLately(client, now)];
  return queuePage({ instances: [...running, ...ended], now, viewer, follow });
}

const LATELY_MS = [1, 7, 90].map((days) => days * 86_400_000);

/** A page of recently ended instances, from the shortest of these periods that contains any. */
async function endedLately(client: IncidentInstances, now: number): Promise<readonly Instance[]> {
  for (const ms of LATELY_MS) {
    const { instances } = await client.page({ statuses: ENDED, createdFrom: now - ms });
    if (instances.length > 0) return instances.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }
  return [];
}

/** Shows a request or an incident, depending on the form of the id. */
async function showOne(
  { params, query }: HttpRequest,
  context: InvocationContext,
  viewer: Viewer,
): Promise<HttpResponseInit> {
  const { id = '' } = params;
  const instances = instancesFor(viewer.caller, context);
  const parts = { now: clock.now(), viewer, follow: query.get('follow') === '1' };
  if (isInstanceId(id)) {
    const found = await caseOfInstance(instances, id);
    if (found === undefined) return unknown();
    return casePage({ ...found, ...parts, retry: await retryOffer(instances, found.file, viewer) });
  }
  const found = await caseToDecide(instances, id);
  if (found === undefined) return unknown();
  return requestPage({ ...found, ...parts, justDecided: query.get('decision') ?? undefined });
}

/** What the page says about another attempt. */
async function retryOffer(
  instances: IncidentInstances,
  file: CaseFile,
  viewer: Viewer,
): Promise<SafeHtml | undefined> {
  const owner = await ownerElsewhere(instances, file.instanceId);
  if (owner !== undefined) return elsewhereNote(owner.instanceId);
  const instance = await instances.find(file.instanceId);
  return instance && retryForm(instance, file, viewer);
}

export function unknown(): HttpResponseInit {
  return noticePage(
    'Unknown request',
    404,
    'There is no approval request or incident at this address.',
    'Open the list of approvals.',
  );
}
