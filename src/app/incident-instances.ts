/** The app's operations on incident instances and their entities, through the durable client. */

import { isDeepStrictEqual } from 'node:util';
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { type AliasClaim, type AliasOwner, aliasOwnerSchema } from '../domain/alias.js';
import { INBOX_EVENT, type Run } from '../domain/approval.js';
import type { EarlierRun } from '../domain/case-file.js';
import { type CaseRecord, caseKeyOf, caseRecordSchema } from '../domain/case-record.js';
import { earlierRunOf, namedOnce } from '../domain/earlier-run.js';
import { type InstanceStatus, instanceStatusSchema } from '../domain/instance-status.js';
import { NO_INVOLVED } from '../domain/involved.js';
import type { RefusedDecision } from '../domain/refused-decisions.js';
import type { RelianceRequest } from '../domain/reliance.js';
import { reliancesOf } from '../domain/run-reliance.js';
import { type Excluded, type Update, withExcluded } from '../domain/update.js';
import {
  ALIAS_ENTITY,
  ALIAS_OPERATION,
  CASE_ENTITY,
  type HandleIncidentInput,
  NOTE_OPERATION,
  ORCHESTRATOR,
  RELIANCE_ENTITY,
  RELIANCE_OPERATION,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { REFUSED_DECISION_OPERATION } from './case-entity.js';
import { clock } from './clock.js';
import type { CurrentRun } from './deliver-again.js';
import { filledPage, type InstanceQuery, queryInstances } from './instance-pages.js';
import { KEEP_RUN, RUNS_ENTITY, runsSchema } from './runs-entity.js';
import { sealer } from './sealing.js';
import type { VisibleCases } from './visible-cases.js';

export interface Instance {
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Undefined before the first turn, and for instances of other orchestrators. */
  readonly status: InstanceStatus | undefined;
  /** The app did not start this instance, and it failed without any effect. */
  readonly notOurs: boolean;
}

/** The number of earlier runs that a new run lists. */
const MOST_EARLIER = 5;

/** A run lists the newest of the deliveries that were taken before it. */
const MOST_DELIVERIES = 50;

/** Instances that may still change. */
export const RUNNING: readonly string[] = ['Running', 'Pending', 'Suspended', 'ContinuedAsNew'];
export const ENDED: readonly string[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** The maximum number of pages that are read for the list of running instances. */
const MOST_PAGES = 40;

export interface InstancePage {
  readonly instances: readonly Instance[];
  readonly continuation: string | undefined;
}

const PREFIX = 'incident-';
const INSTANCE_ID = /^incident-[0-9a-f]{40}$/;
export function isInstanceId(text: string | undefined): text is string {
  return text !== undefined && INSTANCE_ID.test(text);
}

export class IncidentInstances {
  readonly #client: df.DurableClient;
  readonly #context: InvocationContext;
  readonly #visible: VisibleCases;

  /** @param visible whose cases it finds; all others do not exist for it */
  constructor(context: InvocationContext, visible: VisibleCases) {
    this.#context = context;
    this.#visible = visible;
    this.#client = df.getClient(context);
  }

  /** Undefined if no instance with this id exists, in any state. */
  async find(instanceId: string): Promise<Instance | undefined> {
    try {
      const found = instanceOf(await this.#client.getStatus(instanceId, { showInput: false }));
      return (await this.#isVisible(found)) ? found : undefined;
    } catch (error) {
      // The client reports a missing instance only in the error message.
      if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
      throw error;
    }
  }

  /** Starts the next run. The instance must not exist, or must have ended. */
  async start(instanceId: string, input: HandleIncidentInput): Promise<void> {
    const { earlier, next: generation } = await this.#runs(instanceId);
    const before = earlier.at(-1)?.deliveries ?? [];
    const deliveries = [...before, ...(input.deliveries ?? [])].slice(-MOST_DELIVERIES);
    const content = { ...input, deliveries, ...(earlier.length === 0 ? {} : { earlier }) };
    const sealed = sealer.seal(content, { purpose: 'start', instanceId, generation, sequence: 0 });
    await this.#client.startNew(ORCHESTRATOR, { instanceId, input: sealed });
  }

  /** The current or last run of an instance. Right after the start only its input is known. */
  async current({ instanceId, status }: Instance): Promise<CurrentRun & { readonly generation: number }> {
    if (status !== undefined) {
      const { generation } = status;
      const file = (await this.record({ instanceId, generation }))?.file;
      if (file !== undefined) return { generation, file, deliveries: file.deliveries ?? [] };
    }
    const opened = await this.#start(instanceId);
    if (!opened.ok) return { generation: 1, file: undefined, deliveries: [] };
    const { deliveries = [] } = opened.content as HandleIncidentInput;
    return { generation: opened.generation, file: undefined, deliveries };
  }

  /** What a run was started with. */
  async #start(instanceId: string) {
    const { input } = await this.#client.getStatus(instanceId, { showInput: true });
    return sealer.open(input, { purpose: 'start', instanceId });
  }

  /** Before its first turn, an instance has no status: then its start names the incident. */
  async #isVisible({ instanceId, status }: Instance): Promise<boolean> {
    const { origin } = status ?? {};
    if (this.#visible.all || origin !== undefined) return this.#visible.include(origin);
    const opened = await this.#start(instanceId);
    return this.#visible.include(opened.ok ? (opened.content as HandleIncidentInput).origin : undefined);
  }

  /** Sends an update to a running instance. */
  async update(instance: Instance, update: Update): Promise<void> {
    const { instanceId } = instance;
    const { generation } = await this.current(instance);
    const message = sealer.seal(update, { purpose: 'update', instanceId, generation, sequence: 0 });
    await this.raise(instanceId, INBOX_EVENT, { kind: 'update', message });
  }

  /** Notes that an incident was closed after its run, so that it counts as changed when it is opened again. */
  async noteOver(run: Run, { status, content }: { status: string; content: string }): Promise<void> {
    const note = { at: new Date(clock.now()).toISOString(), text: `The incident is now ${status}.`, content };
    const { instanceId, generation } = run;
    const sealed = sealer.seal(note, { purpose: 'reliance', instanceId, generation, sequence: 0 });
    await this.#client.signalEntity(entityOf(run), NOTE_OPERATION, sealed);
  }

  /** Notes in the case file of an ended run who must not decide in later ones, unless it says so. */
  async noteExcluded(instance: Instance | undefined, excluded: Excluded): Promise<void> {
    const file = instance && (await this.current(instance)).file;
    if (file === undefined || file.endedAt === undefined) return;
    const { submitters, involved } = withExcluded(file, excluded);
    const known = { submitters: file.submitters ?? [], involved: file.involved ?? NO_INVOLVED };
    if (isDeepStrictEqual({ submitters, involved }, known)) return;
    const text =
      'More people must not decide about the incident: a later delivery, or its other id, names them.';
    const note = { at: new Date(clock.now()).toISOString(), text, excluded };
    const { instanceId, generation } = file;
    const sealed = sealer.seal(note, { purpose: 'reliance', instanceId, generation, sequence: 0 });
    await this.#client.signalEntity(entityOf(file), NOTE_OPERATION, sealed);
  }

  async raise(instanceId: string, eventName: string, data: object): Promise<void> {
    await this.#client.raiseEvent(instanceId, eventName, data);
  }

  /** One page of incident instances, at most 100 KB, in the host's order. It is filled in spite of what is not visible. */
  async page(query: Omit<InstanceQuery, 'prefix'>): Promise<InstancePage> {
    const { found: instances, continuation } = await filledPage(query, this.#visible, async (part) => {
      const page = await queryInstances(this.#context, { ...part, prefix: PREFIX });
      const all = page.statuses.map(instanceOf).filter(({ instanceId }) => isInstanceId(instanceId));
      const isVisible = await Promise.all(all.map((one) => this.#isVisible(one)));
      return { found: all.filter((_, at) => isVisible[at]), continuation: page.continuation };
    });
    return { instances, continuation };
  }

  /** The running instances, up to MOST_PAGES pages. */
  async running(): Promise<Instance[]> {
    const found: Instance[] = [];
    let continuation: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await this.page({ statuses: RUNNING, continuation });
      found.push(...page.instances);
      continuation = page.continuation;
      if (continuation === undefined) break;
    }
    return found;
  }

  /** The case record of a run; undefined if nothing has been written yet. */
  async record(run: Run): Promise<CaseRecord | undefined> {
    const found = await this.#client.readEntityState<unknown>(entityOf(run));
    const record = found.entityExists ? caseRecordSchema.parse(found.entityState) : undefined;
    return record && this.#visible.include(record.file.origin) ? record : undefined;
  }

  /** The current or last run of an instance, even if only its case file remains. */
  async lastRun(instanceId: string): Promise<Run | undefined> {
    const instance = await this.find(instanceId);
    const generation = instance?.status?.generation ?? (await this.#runs(instanceId)).next - 1;
    return generation === 0 ? undefined : { instanceId, generation };
  }

  async recordRefusedDecision(run: Run, refusal: RefusedDecision): Promise<void> {
    const sealed = sealer.seal(refusal, { purpose: 'refused-decision', ...run, sequence: 0 });
    await this.#client.signalEntity(entityOf(run), REFUSED_DECISION_OPERATION, sealed);
  }

  /** The summaries of purged runs, and the case records of all other runs. */
  async runsOf(instanceId: string): Promise<{ kept: readonly EarlierRun[]; records: CaseRecord[] }> {
    const found = await this.#client.readEntityState<unknown>(new df.EntityId(RUNS_ENTITY, instanceId));
    const kept = found.entityExists ? runsSchema.parse(found.entityState).runs : [];
    const records: CaseRecord[] = [];
    // A run with a summary still has its record until the purge.
    const there = await Promise.all(kept.map(({ generation }) => this.record({ instanceId, generation })));
    records.push(...there.filter((record) => record !== undefined));
    for (let generation = (kept.at(-1)?.generation ?? 0) + 1; ; generation++) {
      const record = await this.record({ instanceId, generation });
      if (record === undefined) return { kept, records };
      records.push(record);
    }
  }

  /** The instance that has claimed an alias. @param alias the id that an instance of this key would have */
  async ownerOf(alias: string): Promise<AliasOwner | undefined> {
    const found = await this.#client.readEntityState<unknown>(new df.EntityId(ALIAS_ENTITY, alias));
    const owner = found.entityExists ? aliasOwnerSchema.parse(found.entityState) : undefined;
    return owner && this.#visible.include(owner.origin) ? owner : undefined;
  }

  /** Claims an alias, unless another instance has it. */
  async claim(claim: AliasClaim): Promise<void> {
    const { alias } = claim;
    const sealed = sealer.seal(claim, { purpose: 'alias', instanceId: alias, generation: 1, sequence: 0 });
    await this.#client.signalEntity(new df.EntityId(ALIAS_ENTITY, alias), ALIAS_OPERATION, sealed);
  }

  async keepRun(instanceId: string, run: EarlierRun): Promise<void> {
    const { generation } = run;
    const sealed = sealer.seal(run, { purpose: 'earlier-run', instanceId, generation, sequence: 0 });
    await this.#client.signalEntity(new df.EntityId(RUNS_ENTITY, instanceId), KEEP_RUN, sealed);
  }

  /** Ends all reliances of a run before its purge: afterwards, no one could undo its effects or see their reasons. */
  async endReliance({ file }: CaseRecord): Promise<void> {
    const { instanceId, generation } = file;
    const about = { purpose: 'reliance', instanceId, generation, sequence: 0 } as const;
    for (const { key, who } of reliancesOf(file)) {
      const request: RelianceRequest = { ask: 'gone', who };
      const entity = new df.EntityId(RELIANCE_ENTITY, key);
      await this.#client.signalEntity(entity, RELIANCE_OPERATION, sealer.seal({ key, request }, about));
    }
  }

  /** Purges the history of an ended instance, and the case files of its runs. */
  async purge(instanceId: string, generations: readonly number[]): Promise<void> {
    for (const generation of generations) {
      const { name, key } = entityOf({ instanceId, generation });
      await this.#client.purgeInstanceHistory(`@${name}@${key}`);
    }
    await this.#client.purgeInstanceHistory(instanceId);
  }

  /** The summaries of earlier runs, and the next generation, which no stored case file has. */
  async #runs(instanceId: string): Promise<{ readonly earlier: EarlierRun[]; readonly next: number }> {
    const { kept, records } = await this.runsOf(instanceId);
    const all = new Map(
      [...kept, ...records.map(({ file }) => earlierRunOf(file))].map((r) => [r.generation, r]),
    );
    const earlier = [...all.values()].sort((a, b) => a.generation - b.generation);
    return { earlier: namedOnce(earlier.slice(-MOST_EARLIER)), next: (earlier.at(-1)?.generation ?? 0) + 1 };
  }
}

function entityOf(run: Run): df.EntityId {
  return new df.EntityId(CASE_ENTITY, caseKeyOf(run));
}

/** Converts a status. Dates are texts in list entries, but Date objects in a single status. */
function instanceOf(status: df.DurableOrchestrationStatus): Instance {
  const custom = instanceStatusSchema.safeParse(status.customStatus);
  return {
    instanceId: status.instanceId,
    runtimeStatus: String(status.runtimeStatus),
    createdAt: new Date(status.createdTime).toISOString(),
    lastUpdatedAt: new Date(status.lastUpdatedTime).toISOString(),
    status: custom.success ? custom.data : undefined,
    notOurs: String(status.runtimeStatus) === 'Failed' && String(status.output).includes(START_NOT_SEALED),
  };
}
