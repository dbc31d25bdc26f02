/** Any history of clicks, duplicates and clock moves against a model that is plain enough to trust. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { approvedSteps, expire, receive } from '../../src/approvals/index.ts';
import type { AnalystDecision, ApprovalRequest, JudgedDecision, Verdict } from '../../src/domain/approval.ts';
import { decisionOf, EXPIRES, NOW, plan, waiting } from './contoso.ts';

class Real {
  request: ApprovalRequest = waiting();
  judged: readonly JudgedDecision[] = [];
  now = NOW;
  ended = false;
}
/** What the model remembers: who won, and the first verdict of every decision. */
interface Model {
  won: AnalystDecision | undefined;
  readonly verdicts: Map<string, Verdict>;
}
type Step = fc.Command<Model, Real>;

class Deliver implements Step {
  constructor(readonly decision: AnalystDecision) {}
  check = () => true;
  run(model: Model, real: Real): void {
    const before = { request: real.request, judged: real.judged };
    const { now, ended } = real;
    const result = receive(real.request, this.decision, { now, ended, judged: real.judged });
    const earlier = model.verdicts.get(this.decision.id);
    if (earlier) {
      expect(result).toEqual({ ...before, verdict: earlier, repeated: true });
      return;
    }
    model.verdicts.set(this.decision.id, result.verdict);
    if (result.verdict.accepted) {
      expect(model.won).toBeUndefined();
      expect(ended).toBe(false);
      expect(Math.max(now, Date.parse(this.decision.at))).toBeLessThan(EXPIRES);
      expect(this.decision.planHash).toBe(plan.hash);
      expect(waiting().stepIds).toEqual(expect.arrayContaining([...this.decision.steps]));
      model.won = this.decision;
    } else {
      expect(this.mustCount(before.request, real, model)).toBe(false);
    }
    real.request = result.request;
    real.judged = result.judged;
    invariants(model, real);
  }
  /** No valid decision is lost. */
  private mustCount(request: ApprovalRequest, { now, ended }: Real, model: Model): boolean {
    const { planHash, steps, kind, at } = this.decision;
    const selects = kind === 'reject' || steps.length > 0;
    const inTime = Math.max(now, Date.parse(at)) < EXPIRES && request.state !== 'expired';
    const inPlan = steps.every((id) => request.stepIds.includes(id));
    return !model.won && !ended && inTime && planHash === plan.hash && inPlan && selects;
  }
  toString = () => `deliver ${JSON.stringify(this.decision)}`;
}

class MoveClock implements Step {
  constructor(readonly byMs: number) {}
  check = () => true;
  run(model: Model, real: Real): void {
    real.now += this.byMs;
    real.request = expire(real.request, real.now);
    invariants(model, real);
  }
  toString = () => `clock ${this.byMs}`;
}

class End implements Step {
  check = () => true;
  run(model: Model, real: Real): void {
    real.ended = true;
    invariants(model, real);
  }
  toString = () => 'end';
}

function invariants(model: Model, real: Real): void {
  const accepted = real.judged.filter(({ verdict }) => verdict.accepted);
  expect(accepted.map(({ decision }) => decision.id)).toEqual(model.won ? [model.won.id] : []);
  expect(new Set(real.judged.map(({ decision }) => decision.id)).size).toBe(real.judged.length);
  const expected = model.won ? { approve: 'approved', reject: 'rejected' }[model.won.kind] : undefined;
  if (expected) expect(real.request.state).toBe(expected);
  else expect(['waiting', 'expired']).toContain(real.request.state);
  const may = model.won?.kind === 'approve' ? new Set(model.won.steps) : new Set<string>();
  expect(new Set(approvedSteps(real.request, real.judged))).toEqual(may);
}

const decisions = fc
  .record({
    id: fc.constantFrom('d-1', 'd-2', 'd-3', 'd-4'),
    kind: fc.constantFrom('approve' as const, 'reject' as const),
    planHash: fc.oneof(
      { weight: 4, arbitrary: fc.constant(plan.hash) },
      { weight: 1, arbitrary: fc.constant('old') },
    ),
    steps: fc.uniqueArray(fc.constantFrom('isolate:host:1', 'disable:account:1', 'revoke:account:1'), {
      maxLength: 2,
    }),
    at: fc.constantFrom(NOW, EXPIRES - 1, EXPIRES).map((ms) => new Date(ms).toISOString()),
  })
  .map((changes) => new Deliver(decisionOf(changes)));
const moves = fc
  .constantFrom(1, 60_000, 3 * 3_600_000, 4 * 3_600_000 - 1, -60_000)
  .map((ms) => new MoveClock(ms));

it('accepts at most one decision, never a stale or late one, and loses no valid one', () => {
  const commands = [decisions, decisions, moves, fc.constant(new End())];
  fc.assert(
    fc.property(fc.commands<Model, Real>(commands, { size: '+1' }), (steps) => {
      fc.modelRun(() => ({ model: { won: undefined, verdicts: new Map() }, real: new Real() }), steps);
    }),
    { numRuns: 500 },
  );
});
