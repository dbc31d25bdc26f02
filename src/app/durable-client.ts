/** What the app asks of the durable client, with its errors told apart. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Run } from '../domain/approval.js';
import type { EarlierRun } from '../domain/case-file.js';
import { type CaseRecord, caseKeyOf, caseRecordSchema } from '../domain/case-record.js';
import type { DoorRefusal } from '../domain/door-refusals.js';
import { earlierRunOf } from '../domain/earlier-run.js';
import { type InstanceStatus, instanceStatusSchema } from '../domain/instance-status.js';
import {
  CASE_ENTITY,
  type HandleIncidentInput,
  ORCHESTRATOR,
  START_NOT_SEALED,
} from '../orchestrator/index.js';
import { DOOR_REFUSAL_OPERATION } from './case-entity.js';
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

const INSTANCE_ID = /^incident-[0-9a-f]{40}$/;
export function isInstanceId(text: string | undefined): text is string {
  return text !== undefined && INSTANCE_ID.test(text);
}

export class Instances {
  readonly #client: df.DurableClient;

  constructor(context: InvocationContext) {
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

  /** All handled incidents, the newest first. */
  async list(): Promise<Instance[]> {
    const all = await this.#client.getStatusAll();
    return all
      .map(instanceOf)
      .filter(({ instanceId }) => isInstanceId(instanceId))
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
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

  /** What is left of earlier runs, and the generation of the next one: never one that a case file is left of. */
  async #runs(instanceId: string): Promise<{ readonly earlier: EarlierRun[]; readonly next: number }> {
    const earlier: EarlierRun[] = [];
    for (let generation = 1; ; generation++) {
      const record = await this.record({ instanceId, generation });
      if (record === undefined) return { earlier: earlier.slice(-MOST_EARLIER), next: generation };
      earlier.push(earlierRunOf(record.file));
    }
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
