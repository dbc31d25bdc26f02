/**
 * One incident that Sentinel and Defender both have, and a second one that it may be merged into: what happens to them in the
 * two services, who submits them under which id, and who decides, in any order, with crashes in between.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { targetKeyOf } from '../../src/domain/settled.js';
import {
  bodyOf,
  type Command,
  EVENT,
  type Form,
  ID,
  IN_DEFENDER,
  IN_SENTINEL,
  isOfDefender,
  MINUTE,
  type Missing,
  OF_TARGET,
  type Person,
  type Schedule,
  schedule,
  TARGET,
  type Timed,
} from './aliases-schedule.js';
import { Crashes } from './crashes.js';
import {
  addDefenderIncident,
  alertOf,
  defender,
  graphBody,
  type SecurityIncident,
} from './defender-incidents.js';
import { mayReadAlerts, WITH_LOG } from './lone-alerts.js';
import { atRisk, BRANCH, DANA, WS } from './one-record.js';
import { ANALYSTS, Responder, START, type Tenant, until } from './responder.js';
import { deleteInDefender, deleteInSentinel, merge } from './two-services.js';

const ISOLATE = `defender.isolate-device defender.machine:${WS.id}`;
const ISOLATE_OF_TARGET = `defender.isolate-device defender.machine:${BRANCH.id}`;
const REVOKE = `entra.revoke-sessions entra.user:${DANA.id}`;

const device = (id: string) => ({
  '@odata.type': '#microsoft.graph.security.deviceEvidence',
  mdeDeviceId: id,
});
const DANA_EVIDENCE = {
  '@odata.type': '#microsoft.graph.security.userEvidence',
  userAccount: { azureAdUserId: DANA.id, userPrincipalName: 'dana.ortiz@contoso.com' },
};
const DANA_ENTITY = {
  kind: 'Account',
  name: '00000000-0000-4000-8000-000000320001',
  properties: { accountName: 'dana.ortiz', upnSuffix: 'contoso.com', aadUserId: DANA.id },
};

interface Submitted {
  readonly by: Person;
  readonly form: Form;
  readonly at: number;
}

/** Copies that have not appeared yet. */
interface Kept {
  sentinel?: Tenant['incidents'][number];
  defender?: SecurityIncident;
}

class World {
  #turn: Promise<void> = Promise.resolve();
  #isMissing: boolean;
  #isMerged = false;
  #hasGrown = false;
  readonly #lost = { sentinel: Infinity, defender: Infinity };
  readonly #submitted: Submitted[] = [];
  readonly #approved = new Set<string>();
  /** The host crashed before the answer, or during it. */
  readonly #maybeApproved = new Set<string>();
  #kept: Kept = {};

  private constructor(
    private readonly responder: Responder,
    private readonly crashes: Crashes,
    private readonly missing: Missing,
  ) {
    this.#isMissing = missing !== 'nothing';
  }

  static async play({ missing, isSwept, commands }: Schedule): Promise<void> {
    const crashes = new Crashes();
    const { dataDirectory, introspection } = crashes;
    const kept: Kept = {};
    const change = (tenant: Tenant) => {
      atRisk(tenant);
      mayReadAlerts(tenant);
      const incident = tenant.incidents[0] ?? expect.unreachable();
      tenant.incidents = [incident];
      incident.entities = incident.entities.filter(({ kind }) => kind === 'Host');
      addDefenderIncident(tenant, ID, { alerts: [alertOf(ID, 1, [device(WS.id)])] });
      addDefenderIncident(tenant, TARGET, { alerts: [alertOf(TARGET, 1, [device(BRANCH.id)])] });
      if (!isSwept) incident.properties.lastModifiedTimeUtc = '2026-03-01T08:00:00Z';
      if (missing === 'link') incident.properties.providerName = 'Azure Sentinel';
      if (missing === 'sentinel') kept.sentinel = tenant.incidents.pop() ?? expect.unreachable();
      if (missing === 'defender')
        kept.defender = defender(tenant).securityIncidents.shift() ?? expect.unreachable();
    };
    const responder = await Responder.start({
      nobodyIsThere: true,
      settings: WITH_LOG,
      dataDirectory,
      introspection,
      change,
    });
    crashes.watch(responder);
    try {
      const world = new World(responder, crashes, missing);
      world.#kept = kept;
      await world.#play(commands);
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
        if (this.#isMerged) await this.#deliver(graphBody(TARGET));
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
    const { simulator } = this.responder;
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
        return simulator.update((tenant: Tenant) => this.#appear(tenant));
      case 'grow':
        return simulator.update((tenant: Tenant) => this.#grow(tenant));
      case 'lose-sentinel':
        if (this.#isMerged || this.#lost.sentinel < Infinity || this.#kept.sentinel) return;
        this.#lost.sentinel = this.#now();
        return deleteInSentinel(this.responder, EVENT);
      case 'lose-defender':
        if (this.#isMerged || this.#lost.defender < Infinity || this.#kept.defender) return;
        this.#lost.defender = this.#now();
        return deleteInDefender(this.responder, ID);
      case 'merge':
        return this.#merge();
    }
  }

  #now(): number {
    return (this.responder.now() - START) / MINUTE;
  }

  #appear(tenant: Tenant): void {
    if (this.#isMerged || !this.#isMissing) return;
    this.#isMissing = false;
    const { sentinel, defender: late } = this.#kept;
    this.#kept = {};
    if (sentinel !== undefined) tenant.incidents.push(sentinel);
    if (late !== undefined) defender(tenant).securityIncidents.push(late);
    for (const { properties } of tenant.incidents) properties.providerName = 'Microsoft XDR';
    if (this.#hasGrown) this.#addDana(tenant);
  }

  #grow(tenant: Tenant): void {
    if (this.#isMerged || this.#hasGrown) return;
    this.#hasGrown = true;
    this.#addDana(tenant);
  }

  #addDana(tenant: Tenant): void {
    for (const { entities } of tenant.incidents) {
      if (!entities.some(({ name }) => name === DANA_ENTITY.name)) entities.push(DANA_ENTITY);
    }
    const incident = defender(tenant).securityIncidents.find(({ id }) => id === ID);
    if (incident?.alerts.length === 1) incident.alerts.push(alertOf(ID, 2, [DANA_EVIDENCE]));
  }

  /** Its alerts move to the target. Only an incident that both services have is merged. */
  #merge(): void {
    if (this.#isMissing || this.#isMerged || Math.min(...Object.values(this.#lost)) < Infinity) return;
    this.#isMerged = true;
    merge(this.responder, EVENT, ID, TARGET);
    this.responder.simulator.update((tenant: Tenant) => {
      const target = defender(tenant).securityIncidents.find(({ id }) => id === TARGET);
      target?.alerts.push(alertOf(TARGET, 2, [device(WS.id), ...(this.#hasGrown ? [DANA_EVIDENCE] : [])]));
    });
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
    const own = this.#submitted.filter((one) => one.by === by);
    const isInDefender = instanceId === IN_DEFENDER;
    return own.filter(({ form, at }) => {
      if (isOfDefender(form) === isInDefender) return true;
      // That it is the same incident is known once Sentinel says so.
      if (this.missing === 'link') return false;
      const isRead = this.missing !== 'sentinel' && this.#lost.sentinel > at + 10 && at + 10 < this.#now();
      return isRead;
    });
  }

  async #check(): Promise<void> {
    const { responder } = this;
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
    const most = this.missing === 'link' ? 2 : 1;
    for (const key of new Set(acts)) {
      expect(acts.filter((one) => one === key).length, `${key} ${context}`).toBeLessThanOrEqual(most);
      expect(this.#approved.has(key) || this.#maybeApproved.has(key), `${key} ${context}`).toBe(true);
    }
    const own = waiting.filter(({ instanceId }) => instanceId !== OF_TARGET);
    const isOpen = !this.#isMerged && (this.#has('sentinel') || this.#has('defender'));
    const called = this.#isMerged || isOpen ? [ISOLATE, ...(this.#hasGrown ? [REVOKE] : [])] : [];
    if (this.#isMerged) called.push(ISOLATE_OF_TARGET);
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
    if (this.missing === 'link' && this.#isMissing) return;
    // One of the keys has the incident, and nothing is asked twice.
    expect(
      asked.filter((key) => acts.includes(key)),
      context,
    ).toEqual([]);
    expect(new Set(asked).size, context).toBe(asked.length);
    if (isOpen && this.#has('sentinel') && this.#has('defender')) {
      const [first, second] = files;
      // A case that has acted is shown with its undo, and names the other one.
      const leadsTo = (one: CaseFile | undefined) => one?.handedOverTo?.instanceId ?? one?.instanceId;
      const isOne = leadsTo(first) === second?.instanceId || first?.instanceId === leadsTo(second);
      expect(isOne, context).toBe(true);
    }
  }

  #has(service: 'sentinel' | 'defender'): boolean {
    return this.#lost[service] === Infinity && this.#kept[service] === undefined;
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
