/** One request: who may decide, the effect of a decision, and timeouts. */
import { describe, expect, it } from 'vitest';
import {
  applyTimeouts,
  contentHash,
  type DeciderFacts,
  type Evaluation,
  evaluateDecision,
  hashPlan,
  openRequest,
  supersede,
} from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest } from '../../src/domain/approval.ts';
import { openUndo, reopenUndo } from '../../src/domain/approval-request.ts';
import type { ApprovalTier } from '../../src/domain/approval-tier.ts';
import type { Plan } from '../../src/domain/plan.ts';
import {
  bodyOf,
  decisionOf,
  EXPIRES,
  HOUR,
  INSTANCE,
  iso,
  MEMBER,
  NOW,
  person,
  plan,
  planWith,
  program,
  RUN,
  STEPS,
  tierOf,
  votersWith,
  waiting,
} from './contoso.ts';

const say = (
  request: ApprovalRequest,
  changes: Partial<AnalystDecision> = {},
  facts: Partial<DeciderFacts> = {},
  of: Plan = plan,
): Evaluation =>
  evaluateDecision(request, decisionOf({ planHash: of.hash, ...changes }), {
    ended: false,
    tiers: of.tiers,
    facts: { ...MEMBER, ...facts },
    voters: votersWith(MEMBER, ...request.votes.map(({ by }) => by)),
  });
const code = (evaluated: Evaluation) => evaluated.outcome.code;

describe('the plan hash', () => {
  it('does not depend on key order or undefined members', () => {
    expect(contentHash({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(contentHash({ b: [{ c: 2 }], a: 1 }));
    expect(contentHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('changes with everything that an approver sees', () => {
    const body = bodyOf();
    const [step] = body.steps;
    if (step === undefined) throw new Error('the plan has steps');
    const seals = [
      body,
      { ...body, steps: [] },
      { ...body, steps: [{ ...step, input: { machine: 'another' } }] },
      { ...body, steps: [{ ...step, mode: 'auto' as const }] },
      bodyOf([tierOf('analysts', { deadlineMs: 1 })]),
      bodyOf([tierOf('analysts', { quorum: 2 })]),
    ].map((changed) => hashPlan(changed).hash);
    expect(new Set(seals).size).toBe(seals.length);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])(
    'rejects values that JSON cannot represent: %s',
    (value) => {
      expect(() => contentHash({ value })).toThrow(TypeError);
    },
  );
});

describe('a request', () => {
  it('contains the steps of one tier, until the deadline', () => {
    expect(waiting()).toMatchObject({
      id: `${INSTANCE}.1.analysts`,
      tier: 'analysts',
      purpose: 'respond',
      revision: 1,
      planHash: plan.hash,
      stepIds: [...STEPS],
      approvalsNeeded: 1,
      requestedAt: iso(NOW),
      expiresAt: iso(EXPIRES),
      nextCheckAt: iso(EXPIRES),
      state: 'waiting',
      selected: [],
    });
  });

  it('is not opened without steps', () => {
    const none = hashPlan({ ...bodyOf(), steps: bodyOf().steps.filter(({ mode }) => mode === 'auto') });
    expect(() => openRequest(none, 'analysts', RUN, NOW)).toThrow('no step that tier analysts decides');
    expect(() => openRequest(none, 'missing', RUN, NOW)).toThrow('no tier missing');
  });

  it('counts four eyes as two, and a larger quorum as itself', () => {
    const needed = (quorum: number, fourEyes: boolean) =>
      waiting(planWith({ quorum, fourEyes })).approvalsNeeded;
    expect([needed(1, false), needed(1, true), needed(3, true), needed(2, false)]).toEqual([1, 2, 3, 2]);
  });
});

describe('a decision', () => {
  it('approves exactly what it selects, in the order of the plan', () => {
    const { outcome, request } = say(waiting(), { steps: [STEPS[2], STEPS[0]] });
    expect(outcome).toMatchObject({ accepted: true, code: 'approved' });
    expect(request).toMatchObject({ state: 'approved', selected: [STEPS[0], STEPS[2]] });
  });

  it('rejects all of it, with a reason', () => {
    expect(code(say(waiting(), { kind: 'reject', steps: [] }))).toBe('reason-required');
    expect(code(say(waiting(), { kind: 'reject', steps: [], reason: '  ' }))).toBe('reason-required');
    const { request } = say(waiting(), { kind: 'reject', steps: [], reason: 'Maintenance.' });
    expect(request).toMatchObject({ state: 'rejected', selected: [] });
  });

  it.each<[string, Partial<AnalystDecision>]>([
    ['stale-plan', { planHash: 'another' }],
    ['stale-revision', { revision: 2 }],
    ['unknown-action', { steps: [STEPS[0], 'wipe:host:1'] }],
    ['nothing-selected', { steps: [] }],
    ['wrong-kind', { kind: 'undo' }],
    ['expired', { at: iso(EXPIRES) }],
  ])('is refused as %s', (expected, changes) => {
    const { outcome, request } = say(waiting(), changes);
    expect(outcome).toMatchObject({ accepted: false, code: expected });
    expect(outcome.message).not.toBe('');
    expect(request).toEqual(waiting());
  });

  it.each<[string, ApprovalRequest]>([
    ['already-decided', say(waiting()).request],
    ['already-decided', say(waiting(), { kind: 'reject', steps: [], reason: 'No.' }).request],
    ['expired', applyTimeouts(waiting(), plan.tiers, EXPIRES).request],
    ['superseded', supersede(waiting(), 'closed')],
  ])('is refused as %s in that state, with the names of the deciders', (expected, request) => {
    const late = say(request, { id: 'd-2', by: person('Sam') });
    expect(code(late)).toBe(expected);
    expect(late.request).toEqual(request);
    if (request.state === 'approved') expect(late.outcome.message).toContain('by Robin (web)');
  });

  it('counts in the last millisecond, by the clock of the channel', () => {
    expect(code(say(waiting(), { at: iso(EXPIRES - 1) }))).toBe('approved');
  });

  it('is refused once the run has ended', () => {
    const context = { ended: true, tiers: plan.tiers, facts: MEMBER, voters: new Map() };
    expect(evaluateDecision(waiting(), decisionOf(), context).outcome.code).toBe('ended');
  });

  it('extends the deadline as often as policy allows', () => {
    const more = say(waiting(), { kind: 'extend', steps: [] });
    expect(more.outcome).toMatchObject({ accepted: true, code: 'extended' });
    expect(more.request).toMatchObject({
      expiresAt: iso(EXPIRES + HOUR),
      nextCheckAt: iso(EXPIRES + HOUR),
      state: 'waiting',
    });
    const twice = say(more.request, { kind: 'extend', steps: [] }).request;
    expect(code(say(twice, { kind: 'extend', steps: [] }))).toBe('no-more-time');
    expect(code(say(twice, { at: iso(EXPIRES + HOUR) }))).toBe('approved');
  });
});

describe('several approvers', () => {
  const four = planWith({ fourEyes: true });
  const first = say(waiting(four), {}, {}, four);

  it('must be two people for the same selection', () => {
    expect(first.outcome).toMatchObject({ accepted: true, code: 'more-approvers-needed' });
    expect(first.request.state).toBe('waiting');
    const second = say(first.request, { id: 'd-2', by: person('Sam') }, {}, four);
    expect(second.request).toMatchObject({ state: 'approved', selected: [STEPS[0]], revision: 1 });
    expect(second.selectionHash).toBe(first.selectionHash);
  });

  it('are not the same person on two channels', () => {
    const again = say(first.request, { id: 'd-2', by: person('Robin', 'teams') }, {}, four);
    expect(code(again)).toBe('second-approver-must-differ');
    expect(again.request).toEqual(first.request);
  });

  it('restart the count where the second selects something else', () => {
    const changed = say(first.request, { id: 'd-2', by: person('Sam'), steps: [STEPS[1]] }, {}, four);
    expect(changed.outcome).toMatchObject({ accepted: true, code: 'more-approvers-needed' });
    expect(changed.request).toMatchObject({ revision: 2, state: 'waiting', selected: [] });
    const stale = say(changed.request, { id: 'd-3', by: person('Kim') }, {}, four);
    expect(code(stale)).toBe('stale-revision');
    const agreed = { id: 'd-4', revision: 2, steps: [STEPS[1]] } as const;
    const done = say(changed.request, { ...agreed, steps: [...agreed.steps] }, {}, four);
    expect(done.request).toMatchObject({ state: 'approved', selected: [STEPS[1]] });
  });

  it('are overruled by one rejection', () => {
    const no = { id: 'd-2', by: person('Sam'), kind: 'reject' as const, steps: [], reason: 'No.' };
    expect(say(first.request, no, {}, four).request).toMatchObject({ state: 'rejected', selected: [] });
  });
});

describe('automation', () => {
  const approvers = { ...tierOf('analysts').approvers, automation: ['soar'] };
  it('does not count unless policy allows it', () => {
    expect(code(say(waiting(), { by: program }))).toBe('not-an-approver');
    const named = planWith({ approvers });
    expect(code(say(waiting(named), { by: program }, {}, named))).toBe('approved');
  });

  it('never counts where four eyes are required', () => {
    const four = planWith({ approvers, fourEyes: true });
    expect(code(say(waiting(four), { by: program }, {}, four))).toBe('not-an-approver');
  });
});

describe('who may decide', () => {
  it.each<[string, Partial<DeciderFacts>]>([
    ['not-an-approver', { member: false }],
    ['account-disabled', { standing: 'disabled' }],
    ['account-gone', { standing: 'gone' }],
    ['guest', { standing: 'guest' }],
    ['membership-unknown', { standing: 'unknown' }],
    ['membership-unknown', { member: 'unknown' }],
    ['membership-unknown', { conflictOfInterest: 'unknown' }],
    ['own-incident', { conflictOfInterest: 'entity' }],
    ['own-incident', { conflictOfInterest: 'manager' }],
    ['own-incident', { conflictOfInterest: 'submitted-incident' }],
  ])('%s', (expected, facts) => {
    for (const kind of ['approve', 'reject', 'extend'] as const) {
      const evaluated = say(waiting(), { kind, reason: 'Because.' }, facts);
      expect(code(evaluated)).toBe(expected);
      expect(evaluated.request).toEqual(waiting());
    }
  });

  it('is no one from another tenant, whatever the object id', () => {
    const robin = { kind: 'person', objectId: 'id-of-robin', name: 'Robin', channel: 'http' } as const;
    expect(code(say(waiting(), { by: { ...robin, tenantId: 'elsewhere' } }))).toBe('not-an-approver');
    expect(code(say(waiting(), { by: { ...robin, tenantId: 'HOME' } }))).toBe('approved');
  });

  it('includes individually named people, but not in their own incident or with an invalid account', () => {
    const named = planWith({
      approvers: { groups: [], people: [{ id: 'id-of-robin', name: 'Robin' }], automation: [] },
    });
    const facts: Partial<DeciderFacts> = { member: 'unknown' };
    expect(code(say(waiting(named), {}, facts, named))).toBe('approved');
    expect(code(say(waiting(named), {}, { ...facts, conflictOfInterest: 'entity' }, named))).toBe(
      'own-incident',
    );
    expect(code(say(waiting(named), {}, { ...facts, standing: 'disabled' }, named))).toBe('account-disabled');
    expect(code(say(waiting(named), {}, { ...facts, standing: 'unknown' }, named))).toBe(
      'membership-unknown',
    );
    expect(code(say(waiting(named), { by: person('Sam') }, { member: false }, named))).toBe(
      'not-an-approver',
    );
  });
});

describe('time', () => {
  it('expires the request exactly at its deadline, not a millisecond before', () => {
    expect(applyTimeouts(waiting(), plan.tiers, EXPIRES - 1)).toEqual({ request: waiting(), events: [] });
    const { request, events } = applyTimeouts(waiting(), plan.tiers, EXPIRES);
    expect([request.state, request.selected, events]).toEqual(['expired', [], ['expired']]);
  });

  it('reminds, then escalates, then reminds on the next escalation level', () => {
    const ladder = planWith(
      { remindAfterMs: [HOUR, 3 * HOUR], escalation: { afterMs: 2 * HOUR, to: 'leads' }, channel: 'soc' },
      tierOf('leads', { remindAfterMs: [HOUR], channel: 'leads' }),
    );
    const seen: string[] = [];
    let request = waiting(ladder);
    for (let hours = 0.5; hours < 4; hours += 0.5) {
      const next = applyTimeouts(request, ladder.tiers, NOW + hours * HOUR);
      request = next.request;
      seen.push(...next.events.map((what) => `${hours} ${what}`));
    }
    expect(seen).toEqual(['1 reminded', '2 escalated', '3 reminded']);
    expect(request.approvers.groups.map(({ id }) => id)).toEqual(['group-of-analysts', 'group-of-leads']);
    expect(request.channels).toEqual(['soc', 'leads']);
    expect(request.nextCheckAt).toBe(iso(EXPIRES));
  });

  it('contains all steps at the deadline if policy requires it', () => {
    const contain = planWith({ onDeadline: { do: 'contain', forMs: 8 * HOUR } });
    const { request, events } = applyTimeouts(waiting(contain), contain.tiers, EXPIRES);
    expect(events).toEqual(['contained']);
    expect(request).toMatchObject({ state: 'contained', selected: [...STEPS] });
  });

  it('gives the next tier its own deadline if policy requires it', () => {
    const escalate = planWith(
      { onDeadline: { do: 'escalate' }, escalation: { afterMs: 4 * HOUR, to: 'leads' } },
      tierOf('leads', { deadlineMs: HOUR }),
    );
    const { request, events } = applyTimeouts(waiting(escalate), escalate.tiers, EXPIRES);
    expect([events, request.state, request.expiresAt]).toEqual([
      ['escalated'],
      'waiting',
      iso(EXPIRES + HOUR),
    ]);
    expect(applyTimeouts(request, escalate.tiers, EXPIRES + HOUR).events).toEqual(['expired']);
  });

  it('gives a tier that was escalated to early the rest of its own deadline, and its deadline outcome', () => {
    const contain = { do: 'contain', forMs: 8 * HOUR } as const;
    const escalate = planWith(
      { onDeadline: { do: 'escalate' }, escalation: { afterMs: 2 * HOUR, to: 'leads' } },
      tierOf('leads', { deadlineMs: 6 * HOUR, onDeadline: contain }),
    );
    const early = applyTimeouts(waiting(escalate), escalate.tiers, NOW + 2 * HOUR).request;
    const { request, events } = applyTimeouts(early, escalate.tiers, EXPIRES);
    expect([events, request.state, request.expiresAt, request.escalations.length]).toEqual([
      ['escalated'],
      'waiting',
      iso(NOW + 8 * HOUR),
      1,
    ]);
    expect(applyTimeouts(request, escalate.tiers, NOW + 8 * HOUR).events).toEqual(['contained']);
  });

  it.each([
    ['contained', { do: 'contain', forMs: 8 * HOUR }],
    ['expired', { do: 'nothing' }],
  ] as const)('is %s as the tier wants that was called early and has had its time', (state, onDeadline) => {
    const escalate = planWith(
      { onDeadline: { do: 'escalate' }, escalation: { afterMs: HOUR, to: 'leads' } },
      tierOf('leads', { deadlineMs: HOUR, onDeadline }),
    );
    const early = applyTimeouts(waiting(escalate), escalate.tiers, NOW + HOUR).request;
    const late = applyTimeouts(early, escalate.tiers, EXPIRES - 1);
    expect(late).toEqual({ request: early, events: [] });
    expect(applyTimeouts(early, escalate.tiers, EXPIRES)).toMatchObject({
      request: { state, onDeadline },
      events: [state],
    });
  });

  it('continues the escalation chain if a tier that was escalated to early has passed its deadline', () => {
    const ladder = planWith(
      { onDeadline: { do: 'escalate' }, escalation: { afterMs: HOUR, to: 'leads' } },
      tierOf('leads', {
        deadlineMs: HOUR,
        onDeadline: { do: 'escalate' },
        escalation: { afterMs: 9 * HOUR, to: 'managers' },
      }),
      tierOf('managers', { deadlineMs: HOUR }),
    );
    const early = applyTimeouts(waiting(ladder), ladder.tiers, NOW + HOUR).request;
    const { request, events } = applyTimeouts(early, ladder.tiers, EXPIRES);
    expect([events, request.escalations.map(({ to }) => to), request.expiresAt]).toEqual([
      ['escalated'],
      ['leads', 'managers'],
      iso(EXPIRES + HOUR),
    ]);
  });
});

describe('undoing', () => {
  const approved = say(waiting()).request;
  const [tier] = plan.tiers as [ApprovalTier];
  const undo = openUndo(approved, tier, [STEPS[0], STEPS[1]], EXPIRES);
  const undoDecision = { requestId: undo.id, kind: 'undo' as const, at: iso(EXPIRES) };

  it('is a separate decision under the same rules', () => {
    expect(undo).toMatchObject({ id: `${INSTANCE}.1.analysts.undo`, purpose: 'undo', state: 'waiting' });
    expect(code(say(undo, { ...undoDecision, kind: 'approve' }))).toBe('wrong-kind');
    expect(code(say(undo, undoDecision, { member: false }))).toBe('not-an-approver');
    expect(code(say(undo, { ...undoDecision, steps: [STEPS[2]] }))).toBe('unknown-action');
    const context = { ended: true, tiers: plan.tiers, facts: MEMBER, voters: new Map() };
    const evaluated = evaluateDecision(undo, decisionOf(undoDecision), context);
    expect(evaluated.outcome.code).toBe('undo-approved');
    expect(evaluated.request.selected).toEqual([STEPS[0]]);
  });

  it('may be decided again for the remaining steps, as a new revision', () => {
    const rest = reopenUndo(say(undo, undoDecision).request, [STEPS[1]]);
    expect(rest).toMatchObject({ revision: 2, state: 'waiting', stepIds: [STEPS[1]], selected: [] });
    expect(code(say(rest, { ...undoDecision, steps: [STEPS[1]] }))).toBe('stale-revision');
    expect(code(say(rest, { ...undoDecision, revision: 2, steps: [STEPS[1]] }))).toBe('undo-approved');
  });

  it('ends when its time is over', () => {
    expect(applyTimeouts(undo, plan.tiers, EXPIRES + 24 * HOUR).request.state).toBe('expired');
    expect(() => openUndo(approved, { ...tier, undoForMs: 0 }, [STEPS[0]], NOW)).toThrow('nothing to undo');
  });
});
