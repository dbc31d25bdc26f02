/** The activities of approval: each asks outside what the pure core then judges by. */
import { z } from 'zod';
import {
  advance,
  handInDoubt,
  judge,
  openRequest,
  refuseByState,
  supersede,
  verifyMessage,
} from '../approvals/index.js';
import type { AnalystDecision, ApprovalRequest, JudgedDecision, Run, Verdict } from '../domain/approval.js';
import { armId, path } from '../domain/builders/path.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { HandedIn } from '../domain/handed-in.js';
import type { Plan } from '../domain/plan.js';
import type { ActivityInput, ApprovalSubject } from '../orchestrator/index.js';
import type { ActivityHandlers } from './activities.js';
import { answer } from './answer.js';
import { approvalChannels } from './approval-channels.js';
import { clock } from './clock.js';
import { composition } from './composition.js';
import { factsAbout, NOTHING_KNOWN } from './decider-facts.js';
import { Directory } from './directory.js';

const API_VERSION = '2025-09-01';

type ApprovalActivity = 'judgeDecision' | 'passTime' | 'notifyApprovers';

export const approvalActivities: Pick<ActivityHandlers, ApprovalActivity> = {
  judgeDecision: (input) =>
    answer(async () => {
      const { config } = composition();
      const message = verifyMessage(input.message, input.instanceId, config.signingKeys);
      if (message === undefined) return { approvals: [] };
      const { decision } = message;
      const judgedAt = new Date(input.now).toISOString();
      const request = input.approvals.find(({ id }) => id === decision.requestId);
      if (request === undefined) {
        const code = input.ended ? ('ended' as const) : ('unknown-request' as const);
        const verdict: Verdict = { accepted: false, code, message: 'Nothing was asked for under this id.' };
        return { judged: { decision, verdict, judgedAt }, approvals: [] };
      }
      return judgeRequest(request, decision, input, judgedAt);
    }),

  passTime: ({ approvals, tiers, about, now }) =>
    answer(async () => {
      const asking = approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
      if (asking.length > 0 && (await isClosed(about))) {
        const passed = asking.map(({ id }) => ({ id, what: 'superseded' as const }));
        return { approvals: asking.map(supersede), passed };
      }
      const results = approvals.map((request) => ({ before: request, ...advance(request, tiers, now) }));
      const changed = results.filter(({ before, request }) => before !== request);
      return {
        approvals: await Promise.all(changed.map(({ before, request }) => withDoubts(before, request))),
        passed: changed.flatMap(({ request, passed }) => passed.map((what) => ({ id: request.id, what }))),
      };
    }),

  notifyApprovers: ({ notice }, context) =>
    answer(async () => {
      const channels = approvalChannels(context);
      if (channels === undefined) return { channels: false, cards: notice.request.cards };
      const { cards, error } = await channels.show(notice);
      return { channels: true, cards: [...cards], ...(error === undefined ? {} : { error }) };
    }),
};

/** The requests that a plan begins with, one for each tier that has a step to decide about. Time is counted from now on. */
export function openRequests(plan: Plan, run: Run, handedIn: HandedIn): Promise<ApprovalRequest[]> {
  const tiers = new Set(plan.steps.flatMap(({ tier }) => tier ?? []));
  const requests = [...tiers].map(async (tier) => {
    const request = openRequest(plan, tier, run, clock.now(), handedIn);
    return { ...request, warnings: await doubtsOf(request) };
  });
  return Promise.all(requests);
}

async function judgeRequest(
  request: ApprovalRequest,
  decision: AnalystDecision,
  input: ActivityInput<'judgeDecision'>,
  judgedAt: string,
): Promise<{ judged: JudgedDecision; approvals: ApprovalRequest[] }> {
  const { ended, tiers, about, approvals } = input;
  // Who may decide is asked only about what can still be decided.
  const open = refuseByState(request, decision, ended) === undefined;
  const facts = open ? await factsAbout(request, decision, about, directory()) : NOTHING_KNOWN;
  const result = judge(request, decision, { ended, tiers, ...facts });
  if (result.verdict.accepted && request.purpose === 'respond' && (await isClosed(about))) {
    const verdict: Verdict = {
      accepted: false,
      code: 'superseded',
      message: 'The incident was closed in Sentinel meanwhile; nothing was changed by this decision.',
    };
    const asking = approvals.filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
    return { judged: { decision, verdict, judgedAt }, approvals: asking.map(supersede) };
  }
  const { verdict, selectionHash } = result;
  const after = withCard(result.request, decision);
  return {
    judged: { decision, verdict, judgedAt, ...(selectionHash === undefined ? {} : { selectionHash }) },
    approvals: after === request ? [] : [after],
  };
}

/** A card that a repeated post left behind becomes known by a click on it. */
function withCard(request: ApprovalRequest, { card }: AnalystDecision): ApprovalRequest {
  if (card === undefined || request.cards.some(({ activityId }) => activityId === card.activityId)) {
    return request;
  }
  return { ...request, cards: [...request.cards, card] };
}

const statusSchema = z.object({ properties: z.object({ status: z.string() }) });

/**
 * Whether the incident was closed in Sentinel, or is gone. Where that cannot be found out, it is not: an outage must
 * not keep people from containing an attack.
 */
async function isClosed({ armId: id }: ApprovalSubject): Promise<boolean> {
  try {
    const called = path`${armId(id)}?api-version=${API_VERSION}`;
    const { body } = await composition().clients.arm.get(called, statusSchema);
    return body.properties.status.toLowerCase() === 'closed';
  } catch (error) {
    if (!(error instanceof ResponderError)) throw error;
    return toErrorInfo(error).code === 'not-found';
  }
}

/** Those whom it was escalated to may be too few, too. */
async function withDoubts(before: ApprovalRequest, request: ApprovalRequest): Promise<ApprovalRequest> {
  if (request.escalations.length === before.escalations.length) return request;
  return { ...request, warnings: await doubtsOf(request) };
}

async function doubtsOf(request: ApprovalRequest): Promise<string[]> {
  const doubt = handInDoubt(request);
  const doubts = await directory().doubts(request);
  return doubt === undefined ? doubts : [doubt, ...doubts];
}

function directory(): Directory {
  return new Directory(composition().clients.graph);
}
