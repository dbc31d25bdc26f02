/** How the status of an entity's instance looks: the scheduler's state under the real host's names. */

import type { InstanceRow } from '../durable-store.js';
import type { EntityState } from '../entity-batch.js';

const WINDOW_MS = 30 * 60_000;

const read = (row: InstanceRow): EntityState => JSON.parse(row.entityState ?? '{}') as EntityState;

/** Empty members are left out. */
export function schedulerBody(row: InstanceRow): Record<string, unknown> {
  const { exists, state, queue, lockedBy, received, sent } = read(row);
  const horizon = new Date(row.updatedAt - WINDOW_MS).toISOString();
  const receivedFrom = Object.entries(received).map(([id, { last, execution }]) => [
    id,
    { Last: last, ...(execution === null ? {} : { ExecutionId: execution }) },
  ]);
  return {
    ...(exists ? { exists } : {}),
    ...(state === null ? {} : { state }),
    ...(queue.length === 0 ? {} : { queue }),
    ...(lockedBy === null ? {} : { lockedBy }),
    sorter: {
      ...(Object.keys(sent).length === 0 ? {} : { LastSentToInstance: sent }),
      ...(receivedFrom.length === 0
        ? {}
        : { ReceivedFromInstance: Object.fromEntries(receivedFrom), ReceiveHorizon: horizon }),
      ...(Object.keys(sent).length === 0 ? {} : { SendHorizon: horizon }),
    },
  };
}

export function schedulerStatus(row: InstanceRow): Record<string, unknown> {
  const { exists, queue, lockedBy } = read(row);
  return {
    ...(exists ? { entityExists: exists } : {}),
    ...(queue.length === 0 ? {} : { queueSize: queue.length }),
    ...(lockedBy === null ? {} : { lockedBy }),
  };
}
