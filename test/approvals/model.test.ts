/**
 * Compares any history of clicks, duplicates, forgeries, crashes, outages, directory changes, clocks and revisions with
 * a simple model: nothing is carried out without the quorum for that exact selection, of people who may decide at that
 * moment, and no valid decision is lost.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  applyTimeouts,
  type DeciderFacts,
  type Evaluation,
  evaluateDecision,
  openRequest,
  type Standing,
  signMessage,
  verifyMessage,
} from '../../src/approvals/index.ts';
import {
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type Decider,
} from '../../src/domain/approval.ts';
import type { ApprovalTier } from '../../src/domain/approval-tier.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { deciderKey } from '../../src/domain/same-decision.ts';
import {
  decisionOf,
  HOUR,
  INSTANCE,
  iso,
  NOW,
  person,
  planWith,
  program,
  RUN,
  STEPS,
  tierOf,
} from './contoso.ts';

const KEY = 'a key that only the responder has, for tests';
/** Members of the groups. Dana is involved in the incident. */
const ANALYSTS = ['Robin', 'Sam', 'Noor', 'Dana'];
const LEADS = ['Kim', 'Robin'];
const CLICKERS: readonly Decider[] = [
  ...['Robin', 'Sam', 'Noor', 'Dana', 'Kim', 'Eve'].map((name) => person(name)),
  person('Robin', 'teams'),
  person('Sam', 'cli'),
  program,
];

/** The durable state, which survives a crash. */
class Real {
  request: ApprovalRequest;
  readonly seen = new Set<string>();
  readonly executed: string[][] = [];
  now = NOW;
  directoryDown = false;
  /** Changed accounts: disabled, deleted, made a guest. */
  readonly standings = new Map<string, Standing>();
  /** People who were removed from all groups. */
  readonly left = new Set<string>();
  constructor(readonly plan: Plan) {
    this.request = openRequest(plan, 'analysts', RUN, NOW);
  }
}
/** The model: the current selection with its voters, and whether the request has ended. */
interface Model {
  over: boolean;
  revision: number;
  selection: string;
  voters: Map<string, Decider>;
  /** Number of votes that were voided before the quorum was reached. */
  voided: number;
  expiresAt: number;
  extensions: number;
  escalated: boolean;
  /** All genuine approvals that were delivered. */
  readonly log: { by: string; human: boolean; selection: string }[];
}
type Step = fc.Command<Model, Real>;

const keyOf = (by: Decider) => (by.kind === 'person' ? by.name : 'a program');
const selectionOf = (steps: readonly string[]) => STEPS.filter((step) => steps.includes(step)).join();

interface Click {
  readonly id: string;
  readonly by: Decider;
  readonly kind: AnalystDecision['kind'];
  readonly steps: readonly string[];
  readonly reason: string | undefined;
  /** Number of revisions that the click is behind. */
  readonly behind: number;
  readonly samePlan: boolean;
  /** Delay of the message. */
  readonly delayMs: number;
  readonly forged: boolean;
  readonly crash: boolean;
}

class Deliver implements Step {
  constructor(readonly click: Click) {}
  check = () => true;

  run(model: Model, real: Real): void {
    const { id, by, kind, steps, reason, behind, samePlan, delayMs, forged, crash } = this.click;
    const decision = decisionOf({
      id,
      by,
      kind,
      steps: [...steps],
      ...(reason === undefined ? {} : { reason }),
      revision: Math.max(1, real.request.revision - behind),
      planHash: samePlan ? real.plan.hash : 'another plan',
      at: iso(real.now - delayMs),
    });
    const unsigned = { kind: 'decision' as const, instanceId: INSTANCE, sequence: id, decision };
    const raised = signMessage(unsigned, [forged ? 'a guess' : KEY]);
    const message = verifyMessage(JSON.parse(JSON.stringify(raised)), INSTANCE, [KEY]);
    const before = real.request;
    if (message === undefined || real.seen.has(id)) {
      expect(forged || real.seen.has(id)).toBe(true);
      return;
    }
    // A crash after the evaluation and before the commit: the decision is evaluated again.
    if (crash) this.evaluate(real, message.decision);
    const evaluated = this.evaluate(real, message.decision);
    expect(evaluated.outcome.accepted, evaluated.outcome.message).toBe(this.mustCount(model, real, decision));
    real.seen.add(id);
    real.request = evaluated.request;
    if (evaluated.outcome.accepted) this.remember(model, real, decision);
    else expect(evaluated.request).toEqual(before);
    if (before.state === 'waiting' && real.request.state === 'approved') {
      real.executed.push(real.request.selected);
      const voters = currentVotes(real.request).map((vote) => vote.by);
      expect(voters.every((voter) => mayDecide(voter, model.escalated, real))).toBe(true);
    }
    agree(model, real);
  }

  private evaluate(real: Real, decision: AnalystDecision): Evaluation {
    const { request, plan } = real;
    const voters = currentVotes(request).map(({ by }) => by);
    return evaluateDecision(request, decision, {
      ended: false,
      tiers: plan.tiers,
      facts: factsOf(decision.by, real),
      voters: new Map(voters.map((voter) => [deciderKey(voter), factsOf(voter, real)])),
    });
  }

  /** No valid decision is lost, and no other decision counts. */
  private mustCount(model: Model, real: Real, decision: AnalystDecision): boolean {
    const { kind, steps, reason, by, at, planHash, revision } = decision;
    if (model.over || Date.parse(at) >= model.expiresAt) return false;
    if (planHash !== real.plan.hash || revision !== model.revision || kind === 'undo') return false;
    if (!mayDecide(by, model.escalated, real)) return false;
    if (steps.some((step) => !STEPS.some((known) => known === step))) return false;
    if (kind === 'reject') return reason !== undefined;
    if (kind === 'extend') return model.extensions < 2;
    const same = model.selection === selectionOf(steps);
    if (steps.length === 0 || (same && model.voters.has(keyOf(by)))) return false;
    // It is unknown whether the other voters still may decide: the last vote must be repeated.
    const others = same ? [...model.voters.values()] : [];
    const completes = others.length + 1 >= real.request.approvalsNeeded;
    return !(completes && real.directoryDown && others.some((voter) => voter.kind === 'person'));
  }

  private remember(model: Model, real: Real, { kind, steps, by }: AnalystDecision): void {
    if (kind === 'reject') model.over = true;
    if (kind === 'extend') {
      model.extensions += 1;
      model.expiresAt += HOUR;
    }
    if (kind !== 'approve') return;
    const selection = selectionOf(steps);
    if (model.voters.size > 0 && selection !== model.selection) {
      model.revision += 1;
      model.voters = new Map();
    }
    model.selection = selection;
    model.voters.set(keyOf(by), by);
    model.log.push({ by: keyOf(by), human: by.kind === 'person', selection });
    if (model.voters.size < real.request.approvalsNeeded) return;
    for (const [key, voter] of model.voters) {
      if (mayDecide(voter, model.escalated, real)) continue;
      model.voters.delete(key);
      model.voided += 1;
    }
    if (model.voters.size >= real.request.approvalsNeeded) model.over = true;
  }

  toString = () => `deliver ${JSON.stringify(this.click)}`;
}

function factsOf(by: Decider, { request, directoryDown, standings, left }: Real): DeciderFacts {
  const { name } = by;
  if (directoryDown && by.kind === 'person') {
    return {
      homeTenantId: 'home',
      onlyTenant: true,
      standing: 'unknown',
      member: 'unknown',
      conflictOfInterest: 'unknown',
    };
  }
  const groups = request.approvers.groups.map(({ id }) => id);
  const member =
    (groups.includes('group-of-analysts') && ANALYSTS.includes(name)) ||
    (groups.includes('group-of-leads') && LEADS.includes(name));
  return {
    homeTenantId: 'home',
    onlyTenant: true,
    standing: standings.get(name) ?? 'member',
    member: member && !left.has(name),
    conflictOfInterest: name === 'Dana' ? 'entity' : undefined,
  };
}

/** Whether the person may decide now, according to the model. */
function mayDecide(by: Decider, escalated: boolean, { plan, directoryDown, standings, left }: Real): boolean {
  const tier = plan.tiers[0];
  if (by.kind === 'automation') return tier?.fourEyes === false && tier.approvers.automation.length > 0;
  const { name } = by;
  if (directoryDown || name === 'Dana' || left.has(name)) return false;
  if ((standings.get(name) ?? 'member') !== 'member') return false;
  return ANALYSTS.includes(name) || (escalated && LEADS.includes(name));
}

class Pass implements Step {
  constructor(readonly byMs: number) {}
  check = () => true;
  run(model: Model, real: Real): void {
    real.now += this.byMs;
    const before = real.request;
    real.request = applyTimeouts(before, real.plan.tiers, real.now).request;
    if (!model.over && real.now >= NOW + 2 * HOUR && real.now < model.expiresAt) model.escalated = true;
    if (!model.over && real.now >= model.expiresAt) {
      model.over = true;
      if (real.request.state === 'contained') real.executed.push([]);
    }
    agree(model, real);
  }
  toString = () => `time passes: ${this.byMs} ms`;
}

class Directory implements Step {
  constructor(readonly down: boolean) {}
  check = () => true;
  run(_model: Model, real: Real): void {
    real.directoryDown = this.down;
  }
  toString = () => (this.down ? 'the directory goes down' : 'the directory is back');
}

/** An account or membership is revoked or restored. */
class Change implements Step {
  constructor(
    readonly name: string,
    readonly to: Standing | 'leaves' | 'joins',
  ) {}
  check = () => true;
  run(_model: Model, { standings, left }: Real): void {
    if (this.to === 'leaves') left.add(this.name);
    else if (this.to === 'joins') left.delete(this.name);
    else standings.set(this.name, this.to);
  }
  toString = () => `${this.name}: ${this.to}`;
}

function agree(model: Model, real: Real): void {
  const { request, executed } = real;
  expect(request.state !== 'waiting').toBe(model.over);
  expect(request.revision).toBe(model.revision);
  expect(request.votes.filter(({ voided }) => voided !== undefined)).toHaveLength(model.voided);
  expect(currentVotes(request).map(({ by }) => keyOf(by))).toEqual([...model.voters.keys()]);
  expect(Date.parse(request.expiresAt)).toBe(model.expiresAt);
  expect(executed.length).toBeLessThanOrEqual(1);
  if (request.state !== 'approved' && request.state !== 'contained') {
    expect([executed, request.selected]).toEqual([[], []]);
    return;
  }
  if (request.state === 'contained') return;
  // The central property: enough different people approved exactly this selection.
  const selection = selectionOf(executed[0] ?? []);
  const wanted = model.log.filter((vote) => vote.selection === selection);
  const counting = request.fourEyes ? wanted.filter(({ human }) => human) : wanted;
  expect(selection).not.toBe('');
  expect(new Set(counting.map(({ by }) => by)).size).toBeGreaterThanOrEqual(request.approvalsNeeded);
}

const clicks = fc
  .record<Click>({
    id: fc.integer({ min: 1, max: 40 }).map((n) => `d-${n}`),
    by: fc.constantFrom(...CLICKERS),
    kind: fc.oneof(
      { weight: 10, arbitrary: fc.constant('approve' as const) },
      { weight: 1, arbitrary: fc.constantFrom('reject' as const, 'extend' as const, 'undo' as const) },
    ),
    steps: fc.oneof(
      { weight: 4, arbitrary: fc.constant([STEPS[0]]) },
      { weight: 2, arbitrary: fc.constant([STEPS[1], STEPS[0]]) },
      { weight: 1, arbitrary: fc.subarray([...STEPS, 'wipe:host:1']) },
    ),
    reason: fc.constantFrom('Because.', undefined),
    behind: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
    samePlan: fc.oneof(
      { weight: 8, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    delayMs: fc.constantFrom(0, 0, 0, 1, 60_000),
    forged: fc.oneof(
      { weight: 8, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    crash: fc.boolean(),
  })
  .map((click) => new Deliver(click));
const passing = fc.constantFrom(1, 60_000, 30 * 60_000, HOUR, 2 * HOUR - 1).map((ms) => new Pass(ms));
const policies = fc
  .record({
    quorum: fc.integer({ min: 1, max: 3 }),
    fourEyes: fc.boolean(),
    automation: fc.constantFrom<string[]>([], ['soar']),
    onDeadline: fc.constantFrom<ApprovalTier['onDeadline']>(
      { do: 'nothing' },
      { do: 'contain', forMs: HOUR },
    ),
  })
  .map(({ quorum, fourEyes, automation, onDeadline }) => {
    const approvers = { ...tierOf('analysts').approvers, automation: fourEyes ? [] : automation };
    const escalation = { afterMs: 2 * HOUR, to: 'leads' };
    return planWith({ quorum, fourEyes, approvers, onDeadline, escalation }, tierOf('leads'));
  });

it('carries out nothing without the quorum for that exact selection, and loses no valid decision', () => {
  const outages = fc.boolean().map((down) => new Directory(down));
  const changes = fc
    .record({
      name: fc.constantFrom('Robin', 'Sam', 'Noor', 'Kim'),
      to: fc.constantFrom(
        'disabled' as const,
        'gone' as const,
        'guest' as const,
        'member' as const,
        'leaves' as const,
        'joins' as const,
        'member' as const,
        'joins' as const,
      ),
    })
    .map(({ name, to }) => new Change(name, to));
  const commands = [clicks, clicks, clicks, clicks, clicks, passing, outages, changes, changes];
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(policies, fc.commands<Model, Real>(commands, { size: '+1' }), (plan, steps) => {
      const real = new Real(plan);
      const model: Model = {
        over: false,
        revision: 1,
        selection: '',
        voters: new Map(),
        voided: 0,
        expiresAt: NOW + 4 * HOUR,
        extensions: 0,
        escalated: false,
        log: [],
      };
      fc.modelRun(() => ({ model, real }), steps);
      ends.set(real.request.state, (ends.get(real.request.state) ?? 0) + 1);
      if (model.voided > 0) ends.set('voided', (ends.get('voided') ?? 0) + 1);
      if (real.request.revision > 1) ends.set('revised', (ends.get('revised') ?? 0) + 1);
    }),
    { numRuns: 400 },
  );
  // A property test that never reaches these states proves nothing.
  for (const end of ['waiting', 'approved', 'rejected', 'expired', 'contained', 'revised', 'voided']) {
    expect(ends.get(end) ?? 0, end).toBeGreaterThan(5);
  }
});
