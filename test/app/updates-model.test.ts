/**
 * The versions of one incident, delivered through all triggers in any order, any number of times, with decisions, restarts, and
 * crashes at any commit in between: one run at a time, each action once, nothing without a decision about its plan, and the
 * last version counts.
 */
import { ServiceBusClient } from '@azure/service-bus';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { Crashes } from './crashes.js';
import { DEVICE, Responder, readEvent, type Tenant, until } from './responder.js';

const MINUTE = 60_000;
type Command =
  | {
      readonly do: 'deliver';
      readonly through: 'http' | 'service-bus' | 'event-grid';
      readonly event: number;
    }
  | { readonly do: 'grow' | 'shrink' | 'close' | 'open' | 'approve' | 'restart' }
  | { readonly do: 'crash'; readonly commits: number };
interface Timed {
  readonly at: number;
  readonly command: Command;
}
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      through: fc.constantFrom('http' as const, 'service-bus' as const, 'event-grid' as const),
      event: fc.integer({ min: 0, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        'grow' as const,
        'shrink' as const,
        'close' as const,
        'open' as const,
        'approve' as const,
        'restart' as const,
      )
      .map((what): Command => ({ do: what })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('crash' as const), commits: fc.integer({ min: 1, max: 12 }) }),
  },
);
const schedule = fc
  .array(fc.record({ at: fc.integer({ min: 1, max: 120 }), command }), { minLength: 4, maxLength: 14 })
  .map((all) => [...all].sort((a, b) => a.at - b.at));

const eventOf = (n: number) => ({ ...readEvent(), eventUniqueId: `event-${n}` });

class World {
  #instanceId = '';
  readonly #approved = new Set<string>();
  /** The host crashed before the answer, or during it. */
  readonly #maybeApproved = new Set<string>();
  private constructor(
    private readonly responder: Responder,
    private readonly crashes: Crashes,
  ) {}

  static async play(commands: readonly Timed[]): Promise<void> {
    const crashes = new Crashes();
    const change = ({ incidents }: Tenant) => {
      for (const incident of incidents) incident.entities = incident.entities.filter(isHost);
    };
    const { dataDirectory, introspection } = crashes;
    const responder = await Responder.start({ nobodyIsThere: true, dataDirectory, introspection, change });
    crashes.watch(responder);
    try {
      await new World(responder, crashes).#play(commands);
    } finally {
      await crashes.running();
      await responder.stop();
      crashes.remove();
    }
  }

  async #play(commands: readonly Timed[]): Promise<void> {
    const { responder } = this;
    const accounts = structuredClone(readAccounts());
    const goOn = responder.hold();
    const done = commands.map(({ at, command: one }) =>
      responder.at(at * MINUTE, () => this.#do(one, accounts)),
    );
    // Someone delivers the last version, after everything else.
    const last = responder.at(150 * MINUTE, () =>
      this.#do({ do: 'deliver', through: 'http', event: 99 }, []),
    );
    const seen = responder.at(175 * MINUTE, () => this.#check());
    this.#instanceId = await responder.deliver(eventOf(0));
    goOn();
    await Promise.all([...done, last, seen]);
  }

  async #do(one: Command, accounts: Tenant['incidents'][number]['entities']): Promise<void> {
    const { responder } = this;
    switch (one.do) {
      case 'deliver':
        return this.#deliver(eventOf(one.event), one.through);
      case 'restart':
        return this.crashes.restart();
      case 'crash':
        return this.crashes.arm(one.commits);
      case 'approve':
        return this.#approve();
      default:
        responder.simulator.update(({ incidents: [incident] }: Tenant) => {
          if (incident === undefined) return;
          const hosts = incident.entities.filter(isHost);
          if (one.do === 'grow') incident.entities = [...hosts, ...accounts];
          else if (one.do === 'shrink') incident.entities = hosts;
          else incident.properties.status = one.do === 'close' ? 'Closed' : 'Active';
        });
    }
  }

  /** As a sender does: it sends again until the event is accepted. After a crash, it would have got no answer. */
  async #deliver(event: object, through: 'http' | 'service-bus' | 'event-grid'): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.crashes.running();
      const { count } = this.crashes;
      try {
        await this.#send(event, through);
        if (this.crashes.count === count) return;
      } catch (error) {
        if (attempt === 10) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #send(event: object, through: 'http' | 'service-bus' | 'event-grid'): Promise<void> {
    const { host } = this.responder;
    if (through === 'http') await this.responder.deliver(event);
    else if (through === 'service-bus') {
      // The next host has another port.
      const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 };
      const client = new ServiceBusClient(host.serviceBusConnectionString ?? '', { retryOptions });
      try {
        await client.createSender('incidents').sendMessages({ body: event });
      } finally {
        await client.close();
      }
    } else {
      const [topic] = host.eventGridTopics;
      const at = new Date(this.responder.now()).toISOString();
      const envelope = {
        id: 'e',
        eventType: 'Contoso.Incident',
        subject: 's',
        eventTime: at,
        dataVersion: '1',
      };
      const { status } = await fetch(topic?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'aeg-sas-key': topic?.key ?? '' },
        body: JSON.stringify([{ ...envelope, data: event }]),
      });
      expect(status).toBe(200);
    }
  }

  async #approve(): Promise<void> {
    await this.crashes.running();
    const { count } = this.crashes;
    let stepIds: readonly string[] = [];
    try {
      const file = await this.responder.caseFile(this.#instanceId);
      const open = file?.approvals.find(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
      if (open === undefined) return;
      const request = await this.responder.request(open.id);
      stepIds = open.stepIds;
      const { status } = await this.responder.decide(request, { by: 'Robin Keller' });
      if (status >= 300 && this.crashes.count === count) return;
    } catch (error) {
      if (this.crashes.count === count) throw error;
    }
    const approved = this.crashes.count === count ? this.#approved : this.#maybeApproved;
    for (const id of stepIds) approved.add(id);
  }

  async #check(): Promise<void> {
    const { responder } = this;
    this.crashes.arm(Infinity);
    await this.crashes.running();
    await responder.host.idle();
    const file = await until('the case file', () => responder.caseFile(this.#instanceId));
    const [incident] = responder.tenant().incidents;
    const context = JSON.stringify({ timeline: file.timeline, approvals: file.approvals.map(brief) });
    const acts = responder.effects().map(({ path }) => path);
    const isolations = acts.filter((path) => path.endsWith(`${DEVICE}/isolate`));
    expect(isolations.length, context).toBeLessThanOrEqual(1);
    const revocations = acts.filter((path) => path.endsWith('/revokeSignInSessions'));
    expect(revocations.length, context).toBeLessThanOrEqual(1);
    const isDone = (id: string) =>
      (id.startsWith('isolate') && isolations.length > 0) ||
      (id.startsWith('revoke') && revocations.length > 0);
    const approved = [...this.#approved, ...[...this.#maybeApproved].filter(isDone)];
    const mayBeDone = (what: string) => approved.some((id) => id.startsWith(what));
    if (isolations.length > 0) expect(mayBeDone('isolate'), context).toBe(true);
    if (revocations.length > 0) expect(mayBeDone('revoke'), context).toBe(true);
    const waiting = file.approvals.filter(
      ({ state, purpose }) => state === 'waiting' && purpose === 'respond',
    );
    if (incident?.properties.status === 'Closed') {
      expect(waiting, context).toEqual([]);
      return;
    }
    // What the last version calls for is asked about or done, and nothing else is asked about.
    const called = incident?.entities.some((entity) => !isHost(entity)) ? ['isolate', 'revoke'] : ['isolate'];
    const asked = waiting.flatMap(({ stepIds }) => stepIds);
    const covered = [...asked, ...approved].map((id) => id.split('-')[0] ?? '');
    expect(
      called.filter((what) => !covered.includes(what)),
      context,
    ).toEqual([]);
    expect(
      asked.map((id) => id.split('-')[0] ?? '').filter((what) => !called.includes(what)),
      context,
    ).toEqual([]);
    expect(
      asked.filter((id) => this.#approved.has(id)),
      context,
    ).toEqual([]);
    expect(new Set(asked).size, context).toBe(asked.length);
  }
}

const isHost = ({ kind }: { kind: string }) => kind === 'Host';
const brief = ({ id, state, stepIds }: CaseFile['approvals'][number]) => ({ id, state, stepIds });

function readAccounts(): Tenant['incidents'][number]['entities'] {
  const account = (name: string, more: object) => ({
    kind: 'Account',
    name: `00000000-0000-4000-8000-0000003200${name}`,
    properties: more as Record<string, unknown>,
  });
  return [
    account('01', {
      accountName: 'dana.ortiz',
      upnSuffix: 'contoso.com',
      aadUserId: '00000000-0000-4000-8000-00000000a001',
    }),
  ];
}

it(
  'ends in the state that the last version calls for, whatever happens before',
  () =>
    fc.assert(
      fc.asyncProperty(schedule, (commands) => World.play(commands)),
      // A fixed seed for every change; UPDATES_SEED=random tries others.
      { numRuns: 6, endOnFailure: true, ...(process.env.UPDATES_SEED ? {} : { seed: 353_991_249 }) },
    ),
  900_000,
);
