/**
 * Three incidents about one device, with isolations, undos, containment, expiry, restarts, lost answers and manual actions
 * in the portal, in any order: the device is isolated exactly while an incident relies on it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CaseFile, Effect } from '../../src/domain/case-file.js';
import { DEVICE_ISOLATION } from './entity-keys.js';
import { DEVICE, type Responder, START, until } from './responder.js';
import { Incidents, isIsolate, NUMBERS } from './two-incidents.js';

const MINUTE = 60_000;
/** Minutes after the start. */
const LOOKS = [30, 75, 110, 150, 200, 245];
const DEFENDER = 'api.security.microsoft.com';
/** After an hour without a decision, the device is contained for forty minutes. Approved steps can be undone for three hours. */
const PLAYBOOK = [
  ['deadline: 4h', 'deadline: 1h'],
  ['remind: [30m, 90m]\n      escalate: { after: 2h, to: leads }', 'remind: [30m]'],
  ['onDeadline: do-nothing\n      moreTime', 'onDeadline: contain\n      containFor: 40m\n      moreTime'],
  ['undoFor: 24h', 'undoFor: 3h'],
  [
    '    tier: analysts\n    why: >-\n      The account was active',
    '    tier: leads\n    why: >-\n      The account was active',
  ],
] as const;

type Command =
  | { readonly do: 'approve' | 'reject' | 'undo'; readonly incident: number }
  | { readonly do: 'release' | 'isolate' | 'restart' | 'lose' | 'offline' };
interface Timed {
  readonly at: number;
  readonly command: Command;
}

const incident = fc.integer({ min: 0, max: NUMBERS.length - 1 });
const command = fc.oneof(
  { weight: 4, arbitrary: incident.map((n): Command => ({ do: 'approve', incident: n })) },
  { weight: 4, arbitrary: incident.map((n): Command => ({ do: 'undo', incident: n })) },
  { weight: 1, arbitrary: incident.map((n): Command => ({ do: 'reject', incident: n })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        'release' as const,
        'isolate' as const,
        'restart' as const,
        'lose' as const,
        'offline' as const,
      )
      .map((what): Command => ({ do: what })),
  },
);
const schedule = fc
  .array(fc.record({ at: fc.integer({ min: 2, max: 240 }), command }), { minLength: 4, maxLength: 14 })
  .map((all) => [...all].sort((a, b) => a.at - b.at));

class World {
  #portal = 0;
  #turn: Promise<void> = Promise.resolve();
  private constructor(private readonly incidents: Incidents) {}

  static async play(commands: readonly Timed[]): Promise<void> {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'reliance-'));
    const incidents = await Incidents.start({ playbook: PLAYBOOK, dataDirectory });
    try {
      await new World(incidents).#play(commands);
    } finally {
      await incidents.responder.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  }

  get responder(): Responder {
    return this.incidents.responder;
  }

  async #play(commands: readonly Timed[]): Promise<void> {
    const deeds = commands.map(({ at, command }) => [at, () => this.#inTurn(command)] as const);
    const looks = LOOKS.map((at) => [at + 0.01, () => this.#check()] as const);
    await this.incidents.play(NUMBERS.length, [...deeds, ...looks]);
    await until('the end of all instances', async () => {
      const { json } = await this.responder.call('GET', '/api/incidents');
      const all = json.incidents as { runtimeStatus: string }[];
      const ended = all.filter(({ runtimeStatus }) => runtimeStatus === 'Completed');
      return ended.length === NUMBERS.length ? true : undefined;
    });
    await this.#check();
    expect(this.responder.events.filter(({ kind }) => kind === 'diagnostic')).toEqual([]);
  }

  /** One command after the other: a decision that meets a restart gets no answer. */
  #inTurn(command: Command): Promise<void> {
    this.#turn = this.#turn.then(() => this.#do(command));
    return this.#turn;
  }

  async #do(command: Command): Promise<void> {
    switch (command.do) {
      case 'approve':
      case 'reject':
      case 'undo':
        await this.incidents.decide(command.incident, command.do);
        return;
      case 'release':
        return this.#inPortal('Unisolate');
      case 'isolate':
        return this.#inPortal('Isolate');
      case 'restart':
        return this.responder.restart();
      case 'offline':
        return this.#goAway();
      default: {
        const answer = { kind: 'reset', after: 'effect' } as const;
        const path = /\/(?:un)?isolate$/;
        this.responder.simulator.addFault({ host: DEFENDER, method: 'POST', path, times: 1, answer });
      }
    }
  }

  /** A manual action in the portal: no effect if the state is already reached or pending. */
  async #inPortal(type: 'Isolate' | 'Unisolate'): Promise<void> {
    const { machines, machineActions } = this.responder.tenant();
    const isBusy = machineActions.some(({ status }) => status === 'Pending' || status === 'InProgress');
    const isolated = machines.find(({ id }) => id === DEVICE)?.isolated ?? false;
    if (isBusy || isolated === (type === 'Isolate')) return;
    this.#portal += 1;
    const at = new Date(START + this.#now()).toISOString();
    this.responder.simulator.update((state: { machineActions: object[] }) => {
      state.machineActions.push({
        id: `portal-${this.#portal}`,
        type,
        scope: type === 'Isolate' ? 'Full' : null,
        machineId: DEVICE,
        status: 'Pending',
        requestor: 'lee.andersen@contoso.com',
        requestorComment: 'by hand',
        creationDateTimeUtc: at,
        lastUpdateDateTimeUtc: at,
      });
    });
  }

  /** The device is offline for ten minutes: its actions stay pending. */
  async #goAway(): Promise<void> {
    const connect = (connected: boolean) =>
      this.responder.simulator.update((state: { machines: { id: string; connected: boolean }[] }) => {
        for (const machine of state.machines) if (machine.id === DEVICE) machine.connected = connected;
      });
    connect(false);
    void this.responder.at(this.#now() + 10 * MINUTE, async () => connect(true));
  }

  #now(): number {
    return this.responder.now() - START;
  }

  /** Checked only while no action is pending. */
  async #check(): Promise<void> {
    const { machines, machineActions } = this.responder.tenant();
    const files = await Promise.all(NUMBERS.map((_, n) => this.responder.caseFile(this.incidents.id(n))));
    const effects = files.flatMap((file) => file?.effects.filter(({ stepId }) => isIsolate(stepId)) ?? []);
    const isBusy =
      effects.some(isUnderWay) ||
      machineActions.some(({ status }) => status === 'Pending' || status === 'InProgress');
    if (isBusy) return;
    const isolated = machines.find(({ id }) => id === DEVICE)?.isolated ?? false;
    const last = machineActions
      .filter(({ status }) => status === 'Succeeded')
      .sort((a, b) => (String(a.lastUpdateDateTimeUtc) < String(b.lastUpdateDateTimeUtc) ? 1 : -1))[0];
    const byHand = last?.id.startsWith('portal') ?? false;
    const relies = effects.filter(isRelying).length;
    const context = JSON.stringify({ files: files.map(brief), last, isolated });
    if (!byHand) expect(isolated, context).toBe(relies > 0);
    // A manual change is left unchanged, whichever incidents rely on the effect.
    else expect(isolated, context).toBe(last?.type === 'Isolate');
    const { relies: kept, releasing } = await this.#reliance();
    expect(releasing, context).toBeUndefined();
    expect(kept.length, context).toBe(relies);
  }

  async #reliance(): Promise<{ relies: unknown[]; releasing?: unknown }> {
    const path = `/runtime/webhooks/durabletask/entities/reliance/${DEVICE_ISOLATION}`;
    const answer = await this.responder.fetch(path, { method: 'GET' });
    return answer.status === 200 ? (answer.json as unknown as { relies: unknown[] }) : { relies: [] };
  }
}

const isUnderWay = ({ state, undo }: Effect) =>
  [state, undo?.state].some((one) => one === 'intended' || one === 'requested');

function isRelying({ state, undo, endedByOthers }: Effect): boolean {
  const isProved = state === 'confirmed' || state === 'already-done';
  return isProved && undo === undefined && endedByOthers === undefined;
}

const brief = (file: CaseFile | undefined) =>
  file?.effects.map(({ state, proof, undo, endedByOthers }) => ({ state, proof, undo, endedByOthers }));

/** The second incident's isolation is released manually; the first isolates again, its answer is lost, and both first and third undo. */
const LOST_ANSWER_AFTER_RELEASE: Timed[] = [
  { at: 9, command: { do: 'approve', incident: 1 } },
  { at: 13, command: { do: 'lose' } },
  { at: 22, command: { do: 'release' } },
  { at: 25, command: { do: 'approve', incident: 0 } },
  { at: 39, command: { do: 'undo', incident: 0 } },
  { at: 68, command: { do: 'undo', incident: 2 } },
];

it(
  'isolates the device exactly while somebody relies on it',
  () =>
    fc.assert(
      fc.asyncProperty(schedule, (commands) => World.play(commands)),
      // A fixed seed for every change; RELIANCE_SEED=random tries others.
      {
        numRuns: 8,
        endOnFailure: true,
        examples: [[LOST_ANSWER_AFTER_RELEASE]],
        ...(process.env.RELIANCE_SEED ? {} : { seed: 417_178_261 }),
      },
    ),
  900_000,
);
