/**
 * One incident that Sentinel and Defender both have, and a second one that it may be merged into: what happens to them in the
 * two services, who submits them under which id, and who decides, in any order, with crashes in between.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { targetKeyOf } from '../../src/domain/settled.js';
import { Copies } from './aliases-copies.js';
import {
  bodyOf,
  type Command,
  type Form,
  IN_DEFENDER,
  IN_SENTINEL,
  isOfDefender,
  MINUTE,
  OF_TARGET,
  type Person,
  type Schedule,
  schedule,
  TARGET,
  type Timed,
} from './aliases-schedule.js';
import { Crashes } from './crashes.js';
import { graphBody } from './defender-incidents.js';
import { WITH_LOG } from './lone-alerts.js';
import { ANALYSTS, Responder, START, until } from './responder.js';

interface Submitted {
  readonly by: Person;
  readonly form: Form;
  readonly at: number;
}

class World {
  #turn: Promise<void> = Promise.resolve();
  readonly #submitted: Submitted[] = [];
  readonly #approved = new Set<string>();
  /** The host crashed before the answer, or during it. */
  readonly #maybeApproved = new Set<string>();

  private constructor(
    private readonly responder: Responder,
    private readonly crashes: Crashes,
    private readonly copies: Copies,
  ) {}

  static async play({ missing, isSwept, commands }: Schedule): Promise<void> {
    const crashes = new Crashes();
    const copies = new Copies(missing, isSwept);
    const responder = await Responder.start({
      nobodyIsThere: true,
      settings: WITH_LOG,
      dataDirectory: crashes.dataDirectory,
      introspection: crashes.introspection,
      change: (tenant) => copies.prepare(tenant),
    });
    crashes.watch(responder);
    try {
      await new World(responder, crashes, copies).#play(commands);
    } finally {
      await crashes.running();
      await responder.stop();
      crashes.remove();
    }
  }

  async #play(commands: readonly Timed[]): Promise<void> {
    const goOn = this.responder.hold();
    const does = (at: number, what: () => Promise<void>) =>
      this.responder.at(at * MINUTE, () => this.#inTurn(what));
    const done = commands.map(({ at, command: one }) => does(at, () => this.#do(one)));
    // Someone delivers the last version under each id, after everything else, and again after what that has changed.
    const last = [130, 160].map((at) =>
      does(at, async () => {
        for (const form of ['event', 'graph'] as const) await this.#deliver(bodyOf(form, at));
        if (this.copies.isMerged) await this.#deliver(graphBody(TARGET));
      }),
    );
    const checked = does(210, () => this.#check());
    goOn();
    await Promise.all([...done, ...last, checked]);
  }

  /** One command after the other: a decision that meets a restart gets no answer. */
  #inTurn(what: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(what);
    return this.#turn;
  }

  async #do(one: Command): Promise<void> {
    const { responder, copies } = this;
    switch (one.do) {
      case 'deliver': {
        const { form, by } = one;
        await this.#deliver(bodyOf(form, one.event), by);
        if (by !== undefined) this.#submitted.push({ by, form, at: this.#now() });
        return;
      }
      case 'approve':
        return this.#approve(one.which, one.by);
      case 'restart':
        return this.crashes.restart();
      case 'crash':
        return this.crashes.arm(one.commits);
      case 'appear':
        return copies.appear(responder);
      case 'grow':
        return copies.grow(responder);
      case 'lose-sentinel':
        return copies.lose(responder, 'sentinel', this.#now());
      case 'lose-defender':
        return copies.lose(responder, 'defender', this.#now());
      case 'merge':
        return copies.merge(responder);
    }
  }

  #now(): number {
    return (this.responder.now() - START) / MINUTE;
  }

  /** As a sender does: it sends again until the body is accepted. After a crash, it would have got no answer. */
  async #deliver(body: unknown, by?: Person): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.crashes.running();
      const { count } = this.crashes;
      try {
        const answer = by
          ? await this.responder.call('POST', '/api/incidents', body, { by })
          : await this.responder.fetch('/api/incidents', {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            });
        if (this.crashes.count === count) {
          expect(answer.status, answer.text).toBeLessThan(300);
          return;
        }
      } catch (error) {
        if (this.crashes.count === count && attempt > 5) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Requests that wait: what they are about, and where. */
  async #waiting(): Promise<{ id: string; instanceId: string; keys: string[] }[]> {
    const { json } = await this.responder.call('GET', '/api/approvals');
    const open = json.approvals as { id: string; instanceId: string; purpose: string }[];
    return Promise.all(
      open.map(async ({ id, instanceId }) => {
        const { approval, plan } = await this.responder.request(id);
        const steps = plan.steps.filter((step) => approval.stepIds.includes(step.id));
        return { id, instanceId, keys: steps.map(targetKeyOf) };
      }),
    );
  }

  async #approve(which: number, by: Person): Promise<void> {
    await this.crashes.running();
    const { count } = this.crashes;
    let keys: string[] = [];
    let instanceId = '';
    try {
      const open = await this.#waiting();
      const one = open[which % open.length];
      if (one === undefined) return;
      ({ keys, instanceId } = one);
      const { status } = await this.responder.decide(await this.responder.request(one.id), { by });
      if (this.crashes.count === count) {
        if (status >= 300) return;
        expect(
          this.#mayNotDecide(by, instanceId),
          `${by} submitted the incident and decided about ${instanceId}`,
        ).toEqual([]);
      }
    } catch (error) {
      if (this.crashes.count === count) throw error;
    }
    const approved = this.crashes.count === count ? this.#approved : this.#maybeApproved;
    for (const key of keys) approved.add(key);
  }

  /** What the person submitted, as the responder must know. */
  #mayNotDecide(by: Person, instanceId: string): Submitted[] {
    if (instanceId === OF_TARGET) return [];
    const { copies } = this;
    const own = this.#submitted.filter((one) => one.by === by);
    const isInDefender = instanceId === IN_DEFENDER;
    return own.filter(({ form, at }) => {
      if (isOfDefender(form) === isInDefender) return true;
      // That it is the same incident is known once Sentinel says so.
      if (copies.missing === 'link') return false;
      return copies.wasRead(at, this.#now());
    });
  }

  async #check(): Promise<void> {
    const { responder, copies } = this;
    this.crashes.arm(Infinity);
    await this.crashes.running();
    await responder.host.idle();
    const waiting = await until('the requests', () => this.#waiting());
    const files = await Promise.all(
      [IN_SENTINEL, IN_DEFENDER, OF_TARGET].map((id) => responder.caseFile(id)),
    );
    const { json } = await responder.call('GET', '/api/incidents');
    const context = JSON.stringify(
      {
        approved: [...this.#approved],
        waiting,
        list: (json.incidents as Record<string, unknown>[]).map(({ instanceId, outcome, runtimeStatus }) => [
          nameOf(String(instanceId)),
          outcome,
          runtimeStatus,
        ]),
        files: files.map((file) => file && brief(file)),
      },
      undefined,
      1,
    );
    const acts = responder.effects().flatMap(({ path }) => actOf(path) ?? []);
    const most = copies.missing === 'link' ? 2 : 1;
    for (const key of new Set(acts)) {
      expect(acts.filter((one) => one === key).length, `${key} ${context}`).toBeLessThanOrEqual(most);
      expect(this.#approved.has(key) || this.#maybeApproved.has(key), `${key} ${context}`).toBe(true);
    }
    const own = waiting.filter(({ instanceId }) => instanceId !== OF_TARGET);
    const { isOpen, called } = copies;
    // Nothing is asked about an incident that is not open any more.
    if (!isOpen) expect(own, context).toEqual([]);
    const asked = (isOpen ? own : waiting).flatMap(({ keys }) => keys);
    expect(
      called.filter((key) => !acts.includes(key) && !asked.includes(key)),
      context,
    ).toEqual([]);
    expect(
      asked.filter((key) => !called.includes(key)),
      context,
    ).toEqual([]);
    if (copies.isUnlinked) return;
    // One of the keys has the incident, and nothing is asked twice.
    expect(
      asked.filter((key) => acts.includes(key)),
      context,
    ).toEqual([]);
    expect(new Set(asked).size, context).toBe(asked.length);
    if (isOpen && copies.has('sentinel') && copies.has('defender')) {
      const [first, second] = files;
      // A case that has acted is shown with its undo, and names the other one.
      const leadsTo = (one: CaseFile | undefined) => one?.handedOverTo?.instanceId ?? one?.instanceId;
      const isOne = leadsTo(first) === second?.instanceId || first?.instanceId === leadsTo(second);
      expect(isOne, context).toBe(true);
    }
  }
}

const nameOf = (instanceId: string) =>
  ({ [IN_SENTINEL]: 'in-sentinel', [IN_DEFENDER]: 'in-defender', [OF_TARGET]: 'of-target' })[instanceId] ??
  instanceId;

function actOf(path: string): string | undefined {
  const [, machine] = /\/machines\/([^/]+)\/isolate$/.exec(path) ?? [];
  if (machine !== undefined) return `defender.isolate-device defender.machine:${machine}`;
  const [, user] = /\/users\/([^/]+)\/revokeSignInSessions$/.exec(path) ?? [];
  return user && `entra.revoke-sessions entra.user:${user}`;
}

const brief = ({
  instanceId,
  generation,
  outcome,
  timeline,
  approvals,
  handedOverTo,
  submitters,
}: CaseFile) => ({
  instance: nameOf(instanceId),
  generation,
  outcome,
  submitters: submitters?.map((id) => ANALYSTS.find((one) => one.id === id)?.name),
  handedOverTo: handedOverTo && nameOf(handedOverTo.instanceId),
  approvals: approvals.map(({ id, state, stepIds }) => [id, state, stepIds]),
  timeline: timeline.map(({ at, text }) => `${at} ${text}`),
});

/** Fixed seeds for every change; ALIASES_SEED=random tries others, ALIASES_RUNS more of them. */
export function playSchedules({
  runs,
  seed,
}: {
  readonly runs: number;
  readonly seed: number;
}): Promise<void> {
  return fc.assert(
    fc.asyncProperty(schedule, (one) => World.play(one)),
    {
      numRuns: Number(process.env.ALIASES_RUNS ?? runs),
      endOnFailure: true,
      ...(process.env.ALIASES_SEED ? {} : { seed }),
    },
  );
}
