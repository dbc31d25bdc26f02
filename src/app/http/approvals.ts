/** Approvals over HTTP: what waits, what it is about, and the door for decisions. */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { AnalystDecision } from '../../domain/approval.js';
import type { CaseFile } from '../../domain/case-file.js';
import { decide, decisionRequestSchema } from '../decide.js';
import { type Instance, Instances, isInstanceId, RUNNING } from '../durable-client.js';
import { json, problem } from '../problem.js';
import type { SignedIn } from '../sign-in.js';
import { readBody } from './body.js';
import { guarded, isSameOrigin } from './guard.js';
import { summary } from './incidents.js';

export function registerApprovalRoutes(): void {
  const extraInputs = [df.input.durableClient()];
  app.http('listApprovals', {
    methods: ['GET'],
    route: 'approvals',
    authLevel: 'anonymous',
    extraInputs,
    handler: guarded(listApprovals),
  });
  app.http('showApproval', {
    methods: ['GET'],
    route: 'approvals/{instanceId}',
    authLevel: 'anonymous',
    extraInputs,
    handler: guarded(showApproval),
  });
  app.http('decideApproval', {
    methods: ['POST'],
    route: 'approvals/{instanceId}/decisions',
    authLevel: 'anonymous',
    extraInputs,
    handler: guarded(decideApproval),
  });
}

/** Instances that wait for an analyst, the one that expires first at the top. */
export function waiting(instances: readonly Instance[]): Instance[] {
  const expiry = ({ status }: Instance) => status?.expiresAt ?? '';
  return instances
    .filter(({ runtimeStatus, status }) => RUNNING.includes(runtimeStatus) && status?.expiresAt !== undefined)
    .sort((a, b) => (expiry(a) < expiry(b) ? -1 : 1));
}

/** The person behind a local call. */
export function analyst({ channel }: SignedIn): AnalystDecision['by'] {
  return { id: 'local-analyst', name: 'Local analyst', channel };
}

async function listApprovals(_request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const instances = waiting(await new Instances(context).list());
  return json({ approvals: instances.map(summary) });
}

async function showApproval(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const { instanceId } = request.params;
  const file = isInstanceId(instanceId) ? await new Instances(context).caseFile(instanceId) : undefined;
  return file?.approval ? json(approvalView(file)) : notFound();
}

function approvalView(file: CaseFile) {
  const { instanceId, incidentKey, title, number, severity, url, stage, outcome, revision } = file;
  const { approval, decision, plan, decisions, effects } = file;
  const incident = { incidentKey, title, number, severity, url };
  return { instanceId, incident, stage, outcome, revision, approval, decision, plan, decisions, effects };
}

async function decideApproval(
  request: HttpRequest,
  context: InvocationContext,
  who: SignedIn,
): Promise<HttpResponseInit> {
  if (who.channel === 'web' && !isSameOrigin(request)) return problem(FOREIGN);
  const { instanceId } = request.params;
  const body = await readBody(request, 64 * 1024);
  if (!body.ok) return problem(body.problem);
  const parsed = decisionRequestSchema.safeParse(parseJson(body.text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return problem({
      status: 400,
      code: 'bad-decision',
      detail: `The body is not a decision: ${issue?.message ?? 'it is not JSON'}.`,
      next: 'Send {"kind": "approve" or "reject", "planHash": …, "steps": [ids], "reason": optional}.',
      place: issue?.path.join('.') ?? '',
    });
  }
  if (!isInstanceId(instanceId)) return notFound();
  const decided = await decide(new Instances(context), instanceId, parsed.data, analyst(who));
  if (decided.kind === 'unknown') return notFound();
  const { id: decisionId, kind, steps } = decided.decision;
  if (decided.kind === 'pending') return json({ status: 'pending', instanceId, decisionId }, 202);
  if (decided.verdict.accepted) return json({ status: 'accepted', instanceId, decisionId, kind, steps });
  const { code, message } = decided.verdict;
  return problem({
    status: 409,
    code,
    detail: message,
    next: `GET /api/approvals/${instanceId} shows what is asked for now.`,
  });
}

export const FOREIGN = {
  status: 403,
  code: 'foreign-origin',
  detail: 'The call comes from a page of another site.',
  next: 'Decide on the page that this responder serves.',
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notFound(): HttpResponseInit {
  return problem({
    status: 404,
    code: 'unknown-approval',
    detail: 'Nothing was asked for under this id.',
    next: 'GET /api/approvals lists what waits.',
  });
}
