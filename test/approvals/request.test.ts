import { describe, expect, it } from 'vitest';
import {
  approvedSteps,
  contentHash,
  expire,
  judge,
  openRequest,
  receive,
  sealPlan,
} from '../../src/approvals/index.ts';
import { bodyOf, decisionOf, EXPIRES, NOW, plan, waiting } from './contoso.ts';

describe('the seal', () => {
  it('does not depend on the order of keys, and on nothing that is undefined', () => {
    expect(contentHash({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(contentHash({ b: [{ c: 2 }], a: 1 }));
    expect(contentHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('changes with anything that an approver saw', () => {
    const body = bodyOf();
    const [step] = body.steps;
    if (step === undefined) throw new Error('the plan has steps');
    const seals = [
      body,
      { ...body, steps: [] },
      { ...body, steps: [{ ...step, input: { machine: 'another' } }] },
      { ...body, steps: [{ ...step, mode: 'auto' as const }] },
      { ...body, approval: { ...body.approval, deadlineMs: 1 } },
      { ...body, approval: { ...body.approval, approvers: ['someone@fabrikam.com'] } },
    ].map((changed) => sealPlan(changed).hash);
    expect(new Set(seals).size).toBe(seals.length);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])(
    'refuses what JSON cannot hold: %s',
    (value) => {
      expect(() => contentHash({ value })).toThrow(TypeError);
    },
  );
});

describe('the request', () => {
  it('asks for the steps that need approval, until the deadline', () => {
    expect(waiting()).toEqual({
      id: 'incident-1',
      planHash: plan.hash,
      stepIds: ['isolate:host:1', 'disable:account:1'],
      approvers: ['soc-tier-2@contoso.com'],
      requestedAt: '2026-03-10T08:15:00.000Z',
      expiresAt: '2026-03-10T12:15:00.000Z',
      state: 'waiting',
    });
  });

  it('is not opened for nothing', () => {
    const automatic = sealPlan({ ...bodyOf(), steps: bodyOf().steps.filter(({ mode }) => mode === 'auto') });
    expect(() => openRequest(automatic, 'incident-1', NOW)).toThrow('no step that needs approval');
  });

  it('expires at exactly its end, not a millisecond before', () => {
    expect(expire(waiting(), EXPIRES - 1).state).toBe('waiting');
    expect(expire(waiting(), EXPIRES).state).toBe('expired');
    expect(expire({ ...waiting(), state: 'approved' }, EXPIRES).state).toBe('approved');
  });
});

describe('a decision', () => {
  const fresh = { now: NOW + 60_000, ended: false, judged: [] };

  it('counts when it is fresh and about this plan', () => {
    const result = receive(waiting(), decisionOf({ steps: ['disable:account:1'] }), fresh);
    expect(result).toMatchObject({
      verdict: { accepted: true },
      request: { state: 'approved' },
      repeated: false,
    });
    expect(approvedSteps(result.request, result.judged)).toEqual(['disable:account:1']);
  });

  it('gives the steps in the order of the plan, each once', () => {
    const steps = ['disable:account:1', 'isolate:host:1', 'disable:account:1'];
    const { request, judged } = receive(waiting(), decisionOf({ steps }), fresh);
    expect(approvedSteps(request, judged)).toEqual(['isolate:host:1', 'disable:account:1']);
  });

  it('rejects without naming steps, and then nothing may be carried out', () => {
    const { request, judged } = receive(waiting(), decisionOf({ kind: 'reject', steps: [] }), fresh);
    expect(request.state).toBe('rejected');
    expect(approvedSteps(request, judged)).toEqual([]);
  });

  it.each([
    ['stale-plan', { planHash: 'of another plan' }, {}, {}],
    ['unknown-action', { steps: ['isolate:host:1', 'wipe:host:1'] }, {}, {}],
    ['unknown-action', { steps: ['revoke:account:1'] }, {}, {}],
    ['unknown-action', { kind: 'reject', steps: ['wipe:host:1'] }, {}, {}],
    ['nothing-selected', { steps: [] }, {}, {}],
    ['already-decided', {}, { state: 'approved' }, {}],
    ['already-decided', { kind: 'reject' }, { state: 'rejected' }, {}],
    ['expired', {}, { state: 'expired' }, {}],
    ['expired', {}, { state: 'expired' }, { ended: true }],
    ['expired', {}, {}, { now: EXPIRES }],
    ['expired', { at: '2026-03-10T12:15:00.000Z' }, {}, { now: EXPIRES - 5 }],
    ['expired', { at: '2026-03-10T12:14:59.999Z' }, {}, { now: EXPIRES }],
    ['ended', {}, {}, { ended: true }],
    ['ended', {}, { state: 'approved' }, { ended: true }],
    ['expired', { planHash: 'of another plan', steps: [] }, {}, { now: EXPIRES }],
    ['stale-plan', { planHash: 'of another plan', steps: ['wipe:host:1'] }, {}, {}],
  ] as const)('is refused as %s', (code, decision, request, context) => {
    const asked = { ...waiting(), ...request };
    const verdict = judge(asked, decisionOf({ ...decision } as never), { ...fresh, ...context });
    expect(verdict).toMatchObject({ accepted: false, code });
    if (!verdict.accepted) expect(verdict.message).toMatch(/\.$/);
  });

  it('counts in the last millisecond', () => {
    expect(judge(waiting(), decisionOf(), { ...fresh, now: EXPIRES - 1 })).toEqual({ accepted: true });
  });

  it('gets its verdict again when it is delivered again, even after the end', () => {
    const first = receive(waiting(), decisionOf(), fresh);
    const late = { now: EXPIRES + 1, ended: true, judged: first.judged };
    const again = receive(first.request, decisionOf(), late);
    expect(again).toEqual({ ...first, repeated: true });
    const refused = receive(waiting(), decisionOf({ id: 'd-2', planHash: 'old' }), fresh);
    expect(
      receive(refused.request, decisionOf({ id: 'd-2' }), { ...fresh, judged: refused.judged }),
    ).toMatchObject({
      verdict: { code: 'stale-plan' },
      request: { state: 'waiting' },
      repeated: true,
    });
  });

  it('is kept also when it did not count', () => {
    const { request, judged } = receive(waiting(), decisionOf({ steps: [] }), fresh);
    expect(request.state).toBe('waiting');
    expect(judged).toMatchObject([{ decision: { id: 'd-1' }, verdict: { code: 'nothing-selected' } }]);
    expect(receive(request, decisionOf({ id: 'd-2' }), { ...fresh, judged }).verdict).toEqual({
      accepted: true,
    });
  });
});
