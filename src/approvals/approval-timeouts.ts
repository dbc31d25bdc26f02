/** Timeouts of a waiting request: reminders, the escalation chain, the deadline. Pure. */
import type { ApprovalRequest } from '../domain/approval.js';
import type { ApprovalTier } from '../domain/approval-tier.js';

export type TimeoutEvent = 'reminded' | 'escalated' | 'expired' | 'contained';

/**
 * Applies all timeouts up to `now` (milliseconds since 1970) and returns the request with the events in order. A
 * waiting request expires at exactly `expiresAt`.
 */
export function applyTimeouts(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; events: readonly TimeoutEvent[] } {
  const events: TimeoutEvent[] = [];
  let current = request;
  while (current.state === 'waiting' && Date.parse(current.nextCheckAt) <= now) {
    const next = applyNextTimeout(current, tiers, now);
    events.push(next.event);
    current = { ...next.request, nextCheckAt: nextCheckAt(next.request, tiers) };
  }
  return { request: current, events };
}

/** Time of the next reminder, escalation or deadline (ISO 8601, UTC). */
export function nextCheckAt(request: ApprovalRequest, tiers: readonly ApprovalTier[]): string {
  const { reminder, escalation } = due(request, tiers);
  return iso(Math.min(Date.parse(request.expiresAt), reminder ?? Infinity, escalation ?? Infinity));
}

function applyNextTimeout(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; event: TimeoutEvent } {
  if (Date.parse(request.expiresAt) <= now) return atDeadline(request, tiers, now);
  const { escalation } = due(request, tiers);
  const to = nextTier(request, tiers);
  if (to !== undefined && escalation !== undefined && escalation <= now) {
    return { request: escalate(request, to, now), event: 'escalated' };
  }
  return { request: { ...request, reminders: [...request.reminders, iso(now)] }, event: 'reminded' };
}

function atDeadline(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
  now: number,
): { request: ApprovalRequest; event: TimeoutEvent } {
  switch (request.onDeadline.do) {
    case 'contain':
      return {
        request: { ...request, state: 'contained', selected: request.stepIds },
        event: 'contained',
      };
    case 'escalate': {
      const called = calledEarly(request, tiers);
      if (called !== undefined && called.until > now) {
        const more = { expiresAt: iso(called.until), onDeadline: called.onDeadline };
        return { request: { ...request, ...more }, event: 'escalated' };
      }
      // The escalated tier's own deadline has already passed: its deadline outcome is due now.
      if (called !== undefined && called.onDeadline.do !== 'escalate') {
        return atDeadline({ ...request, onDeadline: called.onDeadline }, tiers, now);
      }
      const to = nextTier(request, tiers);
      if (to === undefined) break;
      const { deadlineMs, onDeadline } = to;
      const expiresAt = iso(now + deadlineMs);
      return { request: { ...escalate(request, to, now), expiresAt, onDeadline }, event: 'escalated' };
    }
    case 'nothing':
  }
  return { request: { ...request, state: 'expired' }, event: 'expired' };
}

/** The deadline and deadline outcome of the tier that the request was escalated to early. */
function calledEarly(request: ApprovalRequest, tiers: readonly ApprovalTier[]) {
  const last = request.escalations.at(-1);
  const level = currentLevel(request, tiers);
  if (last === undefined || level === undefined) return undefined;
  return { until: Date.parse(last.at) + level.deadlineMs, onDeadline: level.onDeadline };
}

/** Adds the approvers of the next tier; the earlier approvers may still decide. */
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

/** Next reminder and escalation of the current escalation level, counted from the start of that level. */
function due(
  request: ApprovalRequest,
  tiers: readonly ApprovalTier[],
): { reminder: number | undefined; escalation: number | undefined } {
  const level = currentLevel(request, tiers);
  if (request.purpose === 'undo' || level === undefined)
    return { reminder: undefined, escalation: undefined };
  const from = Date.parse(request.escalations.at(-1)?.at ?? request.requestedAt);
  const after = level.remindAfterMs[request.reminders.filter((at) => Date.parse(at) > from).length];
  return {
    reminder: after === undefined ? undefined : from + after,
    escalation: nextTier(request, tiers) && level.escalation && from + level.escalation.afterMs,
  };
}

function currentLevel(request: ApprovalRequest, tiers: readonly ApprovalTier[]): ApprovalTier | undefined {
  const name = request.escalations.at(-1)?.to ?? request.tier;
  return tiers.find((tier) => tier.name === name);
}

/** The next tier of the escalation chain; never a tier that was already reached, even if policy has a cycle. */
function nextTier(request: ApprovalRequest, tiers: readonly ApprovalTier[]): ApprovalTier | undefined {
  const to = currentLevel(request, tiers)?.escalation?.to;
  if (to === request.tier || request.escalations.some((one) => one.to === to)) return undefined;
  return tiers.find((tier) => tier.name === to);
}

function union<T>(one: readonly T[], other: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map([...one, ...other].map((item) => [keyOf(item), item])).values()];
}

const iso = (at: number) => new Date(at).toISOString();
