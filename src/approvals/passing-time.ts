/** What time does to a request that waits: reminders, the ladder, the deadline. Pure. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';

export type Passage = 'reminded' | 'escalated' | 'expired' | 'contained';

/**
 * The request at a time, in milliseconds since 1970, and what became of it meanwhile, in order. A waiting request is
 * over from exactly `expiresAt` on.
 */
export function advance(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; passed: readonly Passage[] } {
  const passed: Passage[] = [];
  let current = request;
  while (current.state === 'waiting' && Date.parse(current.wakeAt) <= now) {
    const next = pass(current, tiers, now);
    passed.push(next.passage);
    current = { ...next.request, wakeAt: wakeAt(next.request, tiers) };
  }
  return { request: current, passed };
}

/** When something is due next (ISO 8601, UTC): a reminder, an escalation, or the deadline. */
export function wakeAt(request: ApprovalRequest, tiers: readonly ApprovalTier[]): string {
  const { reminder, escalation } = due(request, tiers);
  return iso(Math.min(Date.parse(request.expiresAt), reminder ?? Infinity, escalation ?? Infinity));
}

function pass(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; passage: Passage } {
  if (Date.parse(request.expiresAt) <= now) return atDeadline(request, tiers, now);
  const { escalation } = due(request, tiers);
  const to = nextTier(request, tiers);
  if (to !== undefined && escalation !== undefined && escalation <= now) {
    return { request: escalate(request, to, now), passage: 'escalated' };
  }
  return { request: { ...request, reminders: [...request.reminders, iso(now)] }, passage: 'reminded' };
}

function atDeadline(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; passage: Passage } {
  switch (request.onDeadline.do) {
    case 'contain':
      return {
        request: { ...request, state: 'contained', selected: request.stepIds },
        passage: 'contained',
      };
    case 'escalate': {
      const called = calledEarly(request, tiers);
      if (called !== undefined && called.until > now) {
        const more = { expiresAt: iso(called.until), onDeadline: called.onDeadline };
        return { request: { ...request, ...more }, passage: 'escalated' };
      }
      // It has had all of its time before this deadline: what it does then is due now.
      if (called !== undefined && called.onDeadline.do !== 'escalate') {
        return atDeadline({ ...request, onDeadline: called.onDeadline }, tiers, now);
      }
      const to = nextTier(request, tiers);
      if (to === undefined) break;
      const { deadlineMs, onDeadline } = to;
      const expiresAt = iso(now + deadlineMs);
      return { request: { ...escalate(request, to, now), expiresAt, onDeadline }, passage: 'escalated' };
    }
    case 'nothing':
  }
  return { request: { ...request, state: 'expired' }, passage: 'expired' };
}

/** The tier that the request was escalated to before its deadline, and until when that tier has to decide. */
function calledEarly(request: ApprovalRequest, tiers: readonly ApprovalTier[]) {
  const last = request.escalations.at(-1);
  const rung = rungOf(request, tiers);
  if (last === undefined || rung === undefined) return undefined;
  return { until: Date.parse(last.at) + rung.deadlineMs, onDeadline: rung.onDeadline };
}

/** Those who could decide before still can. */
function escalate(request: ApprovalRequest, to: ApprovalTier, now: number): ApprovalRequest {
  const { approvers } = request;
  const more = to.approvers;
  return {
    ...request,
    approvers: {
      groups: union(approvers.groups, more.groups, ({ id }) => id),
      people: union(approvers.people, more.people, ({ id }) => id),
      automation: union(approvers.automation, more.automation, (id) => id),
    },
    channels:
      to.channel === undefined ? request.channels : union(request.channels, [to.channel], (name) => name),
    escalations: [...request.escalations, { to: to.name, at: iso(now) }],
  };
}

/** What is due next on the present rung of the ladder, counted from when it was reached. */
function due(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
): { reminder: number | undefined; escalation: number | undefined } {
  const rung = rungOf(request, tiers);
  if (request.purpose === 'undo' || rung === undefined) return { reminder: undefined, escalation: undefined };
  const from = Date.parse(request.escalations.at(-1)?.at ?? request.requestedAt);
  const after = rung.remindAfterMs[request.reminders.filter((at) => Date.parse(at) > from).length];
  return {
    reminder: after === undefined ? undefined : from + after,
    escalation: nextTier(request, tiers) && rung.escalation && from + rung.escalation.afterMs,
  };
}

function rungOf(request: ApprovalRequest, tiers: readonly ApprovalTier[]): ApprovalTier | undefined {
  const name = request.escalations.at(-1)?.to ?? request.tier;
  return tiers.find((tier) => tier.name === name);
}

/** A ladder is never climbed in a circle, whatever policy says. */
function nextTier(request: ApprovalRequest, tiers: readonly ApprovalTier[]): ApprovalTier | undefined {
  const to = rungOf(request, tiers)?.escalation?.to;
  if (to === request.tier || request.escalations.some((one) => one.to === to)) return undefined;
  return tiers.find((tier) => tier.name === to);
}

function union<T>(one: readonly T[], other: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map([...one, ...other].map((item) => [keyOf(item), item])).values()];
}

const iso = (at: number) => new Date(at).toISOString();
