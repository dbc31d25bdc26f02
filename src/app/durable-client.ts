/** What the app asks of the durable client, with its errors told apart. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Run } from '../domain/approval.js';
import type { EarlierRun } from '../domain/case-file.js';
import { type CaseRecord, caseKeyOf, caseRecordSchema } from '../domain/case-record.js';
import type { DoorRefusal } from '../domain/door-refusals.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import { type InstanceStatus, instanceStatusSchema } from '../domain/instance-status.js';
import type { RelianceRequest } from '../domain/reliance.js';
import { reliancesOf } from '../domain/run-reliance.js';
import {
  CASE_ENTITY,
  type HandleIncidentInput,
  ORCHESTRATOR,
  RELIANCE_ENTITY,
  RELIANCE_OPERATION,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { DOOR_REFUSAL_OPERATION } from './case-entity.js';
import { type InstanceQuery, queryInstances } from './instance-pages.js';
import { KEEP_RUN, RUNS_ENTITY, runsSchema } from './runs-entity.js';
import { sealer } from './sealing.js';

export interface Instance {
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Undefined before the first turn, and for what is not ours. */
  readonly status: InstanceStatus | undefined;
  /** Somebody else than a door started it, and it failed without having done anything. */
  readonly notOurs: boolean;
}

/** So many earlier runs are named by a new one. */
const MOST_EARLIER = 5;

/** Instances that may still change. */
export const RUNNING: readonly string[] = ['Running', 'Pending', 'Suspended', 'ContinuedAsNew'];
export const ENDED: readonly string[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** So many pages of what is being handled are read, for a queue of work. */
const MOST_PAGES = 40;

export interface InstancePage {
  readonly instances: readonly Instance[];
  readonly continuation: string | undefined;
}

const INSTANCE_ID = /^incident-[0-9a-f]{40}$/;
export function isInstanceId(text: string | undefined): text is string {
  return text !== undefined && INSTANCE_ID.test(text);
}

export class Instances {
  readonly #client: df.DurableClient;
  readonly #context: InvocationContext;

  constructor(context: InvocationContext) {
    this.#context = context;
    this.#client = df.getClient(context);
  }

  /** Undefined when there is no instance of that id, in any state. */
  async find(instanceId: string): Promise<Instance | undefined> {
    try {
      return instanceOf(await this.#client.getStatus(instanceId, { showInput: false }));
    } catch (error) {
      // The client tells "no such instance" only in its message.
      if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
      throw error;
    }
  }

  /** Starts the next run of an instance that there is not, or that has ended. */
  async start(instanceId: string, input: HandleIncidentInput): Promise<void> {
    const { earlier, next: generation } = await this.#runs(instanceId);
    const content = { ...input, ...(earlier.length === 0 ? {} : { earlier }) };
    const sealed = sealer.seal(content, { purpose: 'start', instanceId, generation, sequence: 0 });
    await this.#client.startNew(ORCHESTRATOR, { instanceId, input: sealed });
  }

  async raise(instanceId: string, eventName: string, data: object): Promise<void> {
    await this.#client.raiseEvent(instanceId, eventName, data);
  }

  /** Handled incidents, a page of at most 100 KB, in the order of the host. */
  async page(query: InstanceQuery): Promise<InstancePage> {
    const { statuses, continuation } = await queryInstances(this.#context, query);
    return {
      instances: statuses.map(instanceOf).filter(({ instanceId }) => isInstanceId(instanceId)),
      continuation,
    };
  }

  /** All that are being handled; of very many the first. What has ended is not read. */
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

  /** Undefined when nothing has been written yet. */
  async record(run: Run): Promise<CaseRecord | undefined> {
    const found = await this.#client.readEntityState<unknown>(entityOf(run));
    return found.entityExists ? caseRecordSchema.parse(found.entityState) : undefined;
  }

  /** The run that an instance is in or was in last, also when only its case file is left. */
  async lastRun(instanceId: string): Promise<Run | undefined> {
    const instance = await this.find(instanceId);
    const generation = instance?.status?.generation ?? (await this.#runs(instanceId)).next - 1;
    return generation === 0 ? undefined : { instanceId, generation };
  }

  async keepDoorRefusal(run: Run, refusal: DoorRefusal): Promise<void> {
    const sealed = sealer.seal(refusal, { purpose: 'door-refusal', ...run, sequence: 0 });
    await this.#client.signalEntity(entityOf(run), DOOR_REFUSAL_OPERATION, sealed);
  }

  /** What was kept of runs that were purged, and the records of those after them. */
  async runsOf(instanceId: string): Promise<{ kept: readonly EarlierRun[]; records: CaseRecord[] }> {
    const found = await this.#client.readEntityState<unknown>(new df.EntityId(RUNS_ENTITY, instanceId));
    const kept = found.entityExists ? runsSchema.parse(found.entityState).runs : [];
    const records: CaseRecord[] = [];
    // What is kept may still be there, too, until it is purged.
    const there = await Promise.all(kept.map(({ generation }) => this.record({ instanceId, generation })));
    records.push(...there.filter((record) => record !== undefined));
    for (let generation = (kept.at(-1)?.generation ?? 0) + 1; ; generation++) {
      const record = await this.record({ instanceId, generation });
      if (record === undefined) return { kept, records };
      records.push(record);
    }
  }

  async keepRun(instanceId: string, run: EarlierRun): Promise<void> {
    const { generation } = run;
    const sealed = sealer.seal(run, { purpose: 'earlier-run', instanceId, generation, sequence: 0 });
    await this.#client.signalEntity(new df.EntityId(RUNS_ENTITY, instanceId), KEEP_RUN, sealed);
  }

  /** Says that the run relies on nothing any more: nobody could undo what it did, nor see why it was done. */
  async endReliance({ file }: CaseRecord): Promise<void> {
    const { instanceId, generation } = file;
    const about = { purpose: 'reliance', instanceId, generation, sequence: 0 } as const;
    for (const { key, who } of reliancesOf(file)) {
      const request: RelianceRequest = { ask: 'gone', who };
      const entity = new df.EntityId(RELIANCE_ENTITY, key);
      await this.#client.signalEntity(entity, RELIANCE_OPERATION, sealer.seal({ key, request }, about));
    }
  }

  /** Removes the history of an instance that has ended, and the case files of its runs. */
  async purge(instanceId: string, generations: readonly number[]): Promise<void> {
    for (const generation of generations) {
      const { name, key } = entityOf({ instanceId, generation });
      await this.#client.purgeInstanceHistory(`@${name}@${key}`);
    }
    await this.#client.purgeInstanceHistory(instanceId);
  }

  /** What is left of earlier runs, and the generation of the next one: never one that a case file is left of. */
  async #runs(instanceId: string): Promise<{ readonly earlier: EarlierRun[]; readonly next: number }> {
    const { kept, records } = await this.runsOf(instanceId);
    const all = new Map(
      [...kept, ...records.map(({ file }) => earlierRunOf(file))].map((r) => [r.generation, r]),
    );
    const earlier = [...all.values()].sort((a, b) => a.generation - b.generation);
    return { earlier: earlier.slice(-MOST_EARLIER), next: (earlier.at(-1)?.generation ?? 0) + 1 };
  }
}

function entityOf(run: Run): df.EntityId {
  return new df.EntityId(CASE_ENTITY, caseKeyOf(run));
}

/** The list's entries are plain JSON, a single status has dates in it. */
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
