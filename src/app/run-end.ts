/** Races with the end of a run: an update that it does not receive any more, and a case file that is not complete yet. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Update } from '../domain/update.js';
import { clock } from './clock.js';
import type { CurrentRun } from './deliver-again.js';
import { type IncidentInstances, type Instance, RUNNING } from './incident-instances.js';

/** Real milliseconds until a run that was about to end has ended. */
const ENDING_MS = 500;
/** A case file that is not complete by then never will be: it is used as it is. */
const WRITTEN_AFTER_MS = 10 * 60_000;

export const isRunning = ({ runtimeStatus }: Instance): boolean => RUNNING.includes(runtimeStatus);

/** Sends an update to a running instance. False: the run has ended, perhaps before it received the update. */
export async function sendUpdate(
  instances: Pick<IncidentInstances, 'find' | 'update'>,
  instance: Instance,
  update: Update,
): Promise<boolean> {
  await instances.update(instance, update);
  const find = async () => {
    const now = await instances.find(instance.instanceId);
    return now !== undefined && isRunning(now) && now.createdAt === instance.createdAt ? now : undefined;
  };
  // A run without an outcome has a long way to its end, so it receives everything that was sent before.
  if (instance.status?.outcome === undefined) {
    const now = await find();
    if (now === undefined || now.status?.outcome === undefined) return now !== undefined;
  }
  await pause(ENDING_MS);
  return (await find()) !== undefined;
}

/** After the end of a run, its last updates of the case file may still be on their way. */
export function isOutdated(instance: Instance, { file }: CurrentRun): boolean {
  const { status, lastUpdatedAt } = instance;
  if (status === undefined || isRunning(instance)) return false;
  if (clock.now() - Date.parse(lastUpdatedAt) >= WRITTEN_AFTER_MS) return false;
  return file === undefined || file.revision < status.revision;
}
