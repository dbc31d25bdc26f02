/** What the app asks of the durable client, with its errors told apart. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { type CaseFile, caseFileSchema } from '../domain/case-file.js';
import type { DoorRefusal } from '../domain/door-refusals.js';
import { type InstanceStatus, instanceStatusSchema } from '../domain/instance-status.js';
import { CASE_ENTITY, ORCHESTRATOR } from '../orchestrator/index.js';
import { DOOR_REFUSAL_OPERATION } from './case-entity.js';

export interface Instance {
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Undefined before the first turn, and for what is not ours. */
  readonly status: InstanceStatus | undefined;
}

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

  async start(instanceId: string, input: object): Promise<void> {
    await this.#client.startNew(ORCHESTRATOR, { instanceId, input });
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
  async caseFile(instanceId: string): Promise<CaseFile | undefined> {
    const found = await this.#client.readEntityState<unknown>(new df.EntityId(CASE_ENTITY, instanceId));
    return found.entityExists ? caseFileSchema.parse(found.entityState) : undefined;
  }

  async keepDoorRefusal(instanceId: string, refusal: DoorRefusal): Promise<void> {
    const id = new df.EntityId(CASE_ENTITY, instanceId);
    await this.#client.signalEntity(id, DOOR_REFUSAL_OPERATION, refusal);
  }
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
  };
}
