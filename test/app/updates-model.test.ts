/**
 * The versions of one incident, delivered through all triggers in any order, any number of times, with restarts and decisions
 * in between: one run at a time, each action once, nothing without a decision about its plan, and the last version counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CaseFile } from '../../src/domain/case-file.js';
import { DEVICE, Responder, readEvent, type Tenant, until } from './responder.js';

const MINUTE = 60_000;
type Command =
  | {
      readonly do: 'deliver';
      readonly through: 'http' | 'service-bus' | 'event-grid';
      readonly event: number;
    }
  | { readonly do: 'grow' | 'shrink' | 'close' | 'open' | 'approve' | 'restart' };
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
);
const schedule = fc
  .array(fc.record({ at: fc.integer({ min: 1, max: 120 }), command }), { minLength: 4, maxLength: 14 })
  .map((all) => [...all].sort((a, b) => a.at - b.at));

const eventOf = (n: number) => ({ ...readEvent(), eventUniqueId: `event-${n}` });

class World {
  #instanceId = '';
  #approved = new Set<string>();
  private constructor(private readonly responder: Responder) {}

  static async play(commands: readonly Timed[]): Promise<void> {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'updates-'));
    const change = ({ incidents }: Tenant) => {
      for (const incident of incidents) incident.entities = incident.entities.filter(isHost);
    };
    const responder = await Responder.start({ nobodyIsThere: true, dataDirectory, change });
    try {
      await new World(responder).#play(commands);
    } finally {
      await responder.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
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
        return responder.restart();
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

  async #deliver(event: object, through: 'http' | 'service-bus' | 'event-grid'): Promise<void> {
    const { host } = this.responder;
    if (through === 'http') await this.responder.deliver(event);
    else if (through === 'service-bus') {
      const client = new ServiceBusClient(host.serviceBusConnectionString ?? '');
      await client.createSender('incidents').sendMessages({ body: event });
      await client.close();
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
      await fetch(topic?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'aeg-sas-key': topic?.key ?? '' },
        body: JSON.stringify([{ ...envelope, data: event }]),
      });
    }
  }

  async #approve(): Promise<void> {
    const file = await this.responder.caseFile(this.#instanceId);
    const open = file?.approvals.find(({ state, purpose }) => state === 'waiting' && purpose === 'respond');
    if (open === undefined) return;
    const request = await this.responder.request(open.id);
    const { status } = await this.responder.decide(request, { by: 'Robin Keller' });
    if (status < 300) for (const id of open.stepIds) this.#approved.add(id);
  }

  async #check(): Promise<void> {
    const { responder } = this;
    await responder.host.idle();
    const file = await until('the case file', () => responder.caseFile(this.#instanceId));
    const [incident] = responder.tenant().incidents;
    const context = JSON.stringify({ timeline: file.timeline, approvals: file.approvals.map(brief) });
    const acts = responder.effects().map(({ path }) => path);
    const isolations = acts.filter((path) => path.endsWith(`${DEVICE}/isolate`));
    expect(isolations.length, context).toBeLessThanOrEqual(1);
    const revocations = acts.filter((path) => path.endsWith('/revokeSignInSessions'));
    expect(revocations.length, context).toBeLessThanOrEqual(1);
    const approved = [...this.#approved];
    if (isolations.length > 0)
      expect(
        approved.some((id) => id.startsWith('isolate')),
        context,
      ).toBe(true);
    if (revocations.length > 0)
      expect(
        approved.some((id) => id.startsWith('revoke')),
        context,
      ).toBe(true);
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
