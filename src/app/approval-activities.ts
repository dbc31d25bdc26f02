/** The approval activities. Each fetches the facts that the pure decision core then evaluates. */
import type { InvocationContext } from '@azure/functions';
import {
  applyTimeouts,
  evaluateDecision,
  openRequest,
  refusalByState,
  submissionProblem,
  supersede,
  verifyMessage,
} from '../approvals/index.js';
import type { AnalystDecision, ApprovalRequest, DecisionOutcome, Run } from '../domain/approval.js';
import type { IncidentOrigin } from '../domain/incident-origin.js';
import { mergeInvolved } from '../domain/involved.js';
import type { Plan } from '../domain/plan.js';
import type { Submission } from '../domain/submission.js';
import { excludedByUpdates } from '../domain/update.js';
import {
  type ActivityInput,
  type ActivityOutput,
  type ConflictContext,
  describeEnd,
} from '../orchestrator/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { submittersOfAlerts } from './alerts/alert-submitters.js';
import { approvalChannels } from './approval-channels.js';
import { clock } from './clock.js';
import { factsAbout, NOTHING_KNOWN } from './decider-facts.js';
import { Directory } from './directory.js';
import { endOf, type IncidentEnd } from './incident-end.js';
import { openUpdates } from './open-updates.js';
import { toResult } from './result.js';
import { services } from './services.js';
import { submittersElsewhere } from './submitters-elsewhere.js';
import { requireTenant, type Tenant, tenantOf } from './tenants.js';

type ApprovalActivity = 'evaluateDecision' | 'processTimeouts' | 'notifyApprovers';

export const approvalActivities: Pick<ActivityHandlers, ApprovalActivity> = {
  evaluateDecision: (input, context) =>
    toResult(async () => {
      const { config } = services();
      const message = verifyMessage(input.message, input.instanceId, config.signingKeys);
      if (message === undefined) return { approvals: [] };
      const { decision } = message;
      const evaluatedAt = new Date(input.now).toISOString();
      const request = input.approvals.find(({ id }) => id === decision.requestId);
      if (request === undefined) {
        const code = input.ended ? ('ended' as const) : ('unknown-request' as const);
        const outcome: DecisionOutcome = {
          accepted: false,
          code,
          message: 'There is no request with this id.',
        };
        return { evaluated: { decision, outcome, evaluatedAt }, approvals: [] };
      }
      return evaluateRequest(request, decision, input, { evaluatedAt, context });
    }),

  processTimeouts: ({ approvals, tiers, conflictContext, now }) =>
    toResult(async () => {
      const asking = approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
      const over = asking.length > 0 ? await endOf(conflictContext.origin, conflictContext.own) : undefined;
      if (over !== undefined) {
        const events = asking.map(({ id }) => ({ id, what: 'superseded' as const }));
        const { because } = over;
        return { approvals: asking.map((one) => supersede(one, because)), events, ...intoOf(over) };
      }
      const results = approvals.map((request) => ({
        before: request,
        ...applyTimeouts(request, tiers, now),
      }));
      const changed = results.filter(({ before, request }) => before !== request);
      return {
        approvals: await Promise.all(
          changed.map(({ before, request }) => withApproverWarnings(before, request, conflictContext.origin)),
        ),
        events: changed.flatMap(({ request, events }) => events.map((what) => ({ id: request.id, what }))),
      };
    }),

  notifyApprovers: ({ notice }, context) =>
    toResult(async () => {
      const channels = approvalChannels(requireTenant(notice.view.origin), context);
      if (channels === undefined) return { channels: false, cards: notice.request.cards };
      const { cards, error } = await channels.show(notice);
      return { channels: true, cards: [...cards], ...(error === undefined ? {} : { error }) };
    }),
};

/** Opens the initial requests of a plan, one for each tier with steps to decide. Their deadlines start now. */
export function openRequests(
  plan: Plan,
  run: Run,
  submission: Submission,
  tenant: Tenant,
): Promise<ApprovalRequest[]> {
  const tiers = new Set(plan.steps.flatMap(({ tier }) => tier ?? []));
  const requests = [...tiers].map(async (tier) => {
    const request = openRequest(plan, tier, run, clock.now(), submission);
    return { ...request, warnings: await approverWarningsOf(request, tenant) };
  });
  return Promise.all(requests);
}

async function evaluateRequest(
  request: ApprovalRequest,
  decision: AnalystDecision,
  input: ActivityInput<'evaluateDecision'>,
  { evaluatedAt, context }: { readonly evaluatedAt: string; readonly context: InvocationContext },
): Promise<ActivityOutput<'evaluateDecision'>> {
  const { ended, tiers, approvals } = input;
  const received = withUpdates(input);
  const { origin } = received;
  const tenant = requireTenant(origin);
  // The directory is queried only if the request can still be decided.
  const open = refusalByState(request, decision, ended) === undefined;
  const alerts = open ? await submittersOfAlerts(request, decision.by, { origin, context }) : [];
  const elsewhere = open ? await submittersElsewhere(received.others ?? [], context) : [];
  const conflictContext = { ...received, submitters: [...received.submitters, ...alerts, ...elsewhere] };
  const facts = open ? await factsAbout(request, decision, conflictContext, tenant) : NOTHING_KNOWN;
  const result = evaluateDecision(request, decision, { ended, tiers, ...facts });
  const isResponse = result.outcome.accepted && request.purpose === 'respond';
  const over = isResponse ? await endOf(origin, conflictContext.own) : undefined;
  if (over !== undefined) {
    const outcome: DecisionOutcome = { accepted: false, code: 'superseded', message: refusalText(over) };
    const asking = approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
    return {
      evaluated: { decision, outcome, evaluatedAt },
      approvals: asking.map((one) => supersede(one, over.because)),
      ...intoOf(over),
    };
  }
  const { outcome, selectionHash } = result;
  const after = withCard(result.request, decision);
  return {
    evaluated: { decision, outcome, evaluatedAt, ...(selectionHash === undefined ? {} : { selectionHash }) },
    approvals: after === request ? [] : [after],
  };
}

/** Who submitted an update must not decide from its arrival on, although it is read later. */
function withUpdates({
  conflictContext,
  updates,
  instanceId,
}: ActivityInput<'evaluateDecision'>): ConflictContext {
  const { submitters, involved } = excludedByUpdates(openUpdates(updates, { instanceId }));
  return {
    ...conflictContext,
    submitters: [...conflictContext.submitters, ...submitters],
    involved: mergeInvolved([conflictContext.involved, ...involved]),
  };
}

/** Adds the clicked card. A repeated post can leave a card that is not in the list yet. */
function withCard(request: ApprovalRequest, { card }: AnalystDecision): ApprovalRequest {
  if (card === undefined || request.cards.some(({ activityId }) => activityId === card.activityId)) {
    return request;
  }
  return { ...request, cards: [...request.cards, card] };
}

function refusalText(over: IncidentEnd): string {
  return `${describeEnd(over.because, intoOf(over).mergedInto)} Nothing was changed by this decision.`;
}

function intoOf(over: IncidentEnd): { mergedInto?: string } {
  return over.because === 'merged' && over.into !== undefined ? { mergedInto: over.into } : {};
}

/** Updates the warnings after an escalation: the added approvers may also be too few. No deadline waits for the settings. */
async function withApproverWarnings(
  before: ApprovalRequest,
  request: ApprovalRequest,
  origin: IncidentOrigin,
): Promise<ApprovalRequest> {
  if (request.escalations.length === before.escalations.length) return request;
  const tenant = tenantOf(origin);
  const warnings = tenant === undefined ? [NOT_CONFIGURED] : await approverWarningsOf(request, tenant);
  return { ...request, warnings };
}

const NOT_CONFIGURED =
  'It is unknown whether the approvers suffice: the settings do not name the workspace or tenant of the incident any more.';

async function approverWarningsOf(request: ApprovalRequest, { clients }: Tenant): Promise<string[]> {
  const problem = submissionProblem(request);
  const warnings = await new Directory(clients.graph).approverWarnings(request);
  return problem === undefined ? warnings : [problem, ...warnings];
}
