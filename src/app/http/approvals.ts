/** The approvals API: list requests, show a request, show its audit trail. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { z } from 'zod';
import type { CaseFile } from '../../domain/case-file.js';
import { summariseSteps } from '../../domain/plan.js';
import type { Caller } from '../auth/index.js';
import { caseOfRequest, caseOfRun } from '../cases.js';
import { ENDED, type IncidentInstances, type Instance, RUNNING } from '../incident-instances.js';
import { json, problem } from '../problem.js';
import type { auditSchema, QueueEntry } from './approval-schemas.js';
import { approvalView, auditOf, etagOf } from './approval-view.js';
import { registerDecisionRoutes } from './decisions.js';
import { guarded, instancesFor } from './guard.js';
import { cursorOf, cursorOfPlace, type Place, pageAnswer, pageOf, readPaging } from './paging.js';
import { notIntact, unknownRequest } from './refusals.js';
import { httpRoute } from './route.js';

export function registerApprovalRoutes(): void {
  const get = (name: string, route: string, handler: typeof listApprovals): void =>
    httpRoute(name, {
      methods: ['GET'],
      route: `api/approvals${route}`,
      authLevel: 'anonymous',
      extraInputs: [df.input.durableClient()],
      handler: guarded(handler),
    });
  get('listApprovals', '', listApprovals);
  get('showApproval', '/{requestId}', showApproval);
  get('auditApproval', '/{requestId}/audit', auditApproval);
  registerDecisionRoutes();
}

/** The pending requests, the earliest to expire first. */
export function waiting(instances: readonly Instance[]): QueueEntry[] {
  return instances
    .filter(({ runtimeStatus }) => RUNNING.includes(runtimeStatus))
    .flatMap(({ instanceId, status }) =>
      (status?.waiting ?? []).map(({ id, tier, revision, expiresAt, asks }) => ({
        id,
        instanceId,
        tier,
        purpose: 'respond' as const,
        state: 'waiting' as const,
        revision,
        title: status?.title ?? instanceId,
        ...(status?.number === undefined ? {} : { number: status.number }),
        severity: status?.severity ?? 'unknown',
        ...(asks === undefined ? {} : { asks }),
        expiresAt,
      })),
    )
    .sort(inOrder);
}

/** Limits for one page of decided requests: the number of incidents, and the bytes of case files that are read. */
const INCIDENTS = 10;
const MOST_BYTES = 50_000;

async function listApprovals(
  request: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const paging = readPaging(request.query);
  if (!paging.ok) return problem(paging.problem);
  const client = instancesFor(caller, context);
  if (paging.state === 'decided') {
    const { entries, next } = await decided(client, paging.from);
    return pageAnswer({ approvals: entries }, next && `/api/approvals?state=decided&cursor=${next}`);
  }
  const { items, next } = pageOf(waiting(await client.running()), paging);
  const path = next && `/api/approvals?state=waiting&limit=${paging.limit}&cursor=${cursorOf(next)}`;
  return pageAnswer({ approvals: items }, path);
}

/** Requests that are no longer pending, from the incidents that fit on a page. */
async function decided(
  client: IncidentInstances,
  { continuation, skip }: Place,
): Promise<{ readonly entries: QueueEntry[]; readonly next: string | undefined }> {
  const page = await client.page({ statuses: [...RUNNING, ...ENDED], continuation, top: INCIDENTS });
  const entries: QueueEntry[] = [];
  let [read, at] = [0, skip];
  for (; at < page.instances.length && read < MOST_BYTES; at++) {
    const { instanceId, status } = page.instances[at] as Instance;
    const found = status && (await caseOfRun(client, { instanceId, generation: status.generation }));
    if (found === undefined) continue;
    read += JSON.stringify(found.file).length;
    entries.push(...entriesOf(found.file));
  }
  const more = at < page.instances.length;
  const last = !more && page.continuation === undefined;
  const place = more ? { continuation, skip: at } : { continuation: page.continuation, skip: 0 };
  return { entries: entries.sort(inOrder), next: last ? undefined : cursorOfPlace(place) };
}

function entriesOf({ approvals, plan, instanceId, title, number, severity }: CaseFile): QueueEntry[] {
  return approvals
    .filter(({ state, purpose }) => state !== 'waiting' || purpose === 'undo')
    .map(({ id, tier, purpose, state, revision, expiresAt, stepIds }) => {
      const asks = summariseSteps(plan, stepIds);
      return {
        id,
        instanceId,
        tier,
        purpose,
        state,
        revision,
        title,
        ...(number === undefined ? {} : { number }),
        severity,
        ...(asks === undefined ? {} : { asks }),
        expiresAt,
      };
    });
}

function inOrder(a: QueueEntry, b: QueueEntry): number {
  if (a.expiresAt !== b.expiresAt) return a.expiresAt < b.expiresAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

async function showApproval(
  request: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const found = await find(request, context, caller);
  if (found === undefined) return unknownRequest();
  if (found.problem !== undefined) return notIntact(found.problem);
  return json(approvalView(found.file, found.request), 200, { etag: etagOf(found.request) });
}

async function auditApproval(
  request: HttpRequest,
  context: InvocationContext,
  caller: Caller,
): Promise<HttpResponseInit> {
  const found = await find(request, context, caller);
  if (found === undefined) return unknownRequest();
  const body: z.infer<typeof auditSchema> = {
    id: found.request.id,
    entries: auditOf(found.file, found.request, found.alarms),
  };
  return json(body);
}

function find({ params }: HttpRequest, context: InvocationContext, caller: Caller) {
  return caseOfRequest(instancesFor(caller, context), params.requestId ?? '');
}
