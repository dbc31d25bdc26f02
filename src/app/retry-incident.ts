/** A retry by an analyst: the incident begins again where it stopped. Nothing is done without a new decision. */
import { mayBeginAgain } from '../domain/settled.js';
import { ownerElsewhere } from './aliases.js';
import { clock } from './clock.js';
import type { IncidentInstances } from './incident-instances.js';
import { isOutdated, isRunning, sendUpdate } from './run-end.js';

/**
 * `reading`: the pause before the next attempt to read ends. `updated`: the running instance proposes again what is
 * unfinished. `restarted`: the next run begins. `busy`: the run has not ended. `final`: its end is final.
 */
export type Retry = 'unknown' | 'reading' | 'updated' | 'restarted' | 'busy' | 'final';

export interface Retrier {
  readonly id: string;
  readonly name: string;
}

/** The analyst counts as someone who submits the incident: another approver must decide what it proposes. */
export async function retryIncident(
  instances: IncidentInstances,
  named: string,
  { id, name }: Retrier,
): Promise<Retry> {
  const owner = await ownerElsewhere(instances, named);
  const instanceId = owner?.instanceId ?? named;
  const instance = await instances.find(instanceId);
  if (instance === undefined || instance.notOurs) return 'unknown';
  const current = await instances.current(instance);
  const { file } = current;
  if (file === undefined || isOutdated(instance, current)) return 'busy';
  const by = { kind: 'person', id, name } as const;
  if (!isRunning(instance)) {
    if (!mayBeginAgain(file)) return 'final';
    const { incidentKey, origin } = file;
    const receivedAt = new Date(clock.now()).toISOString();
    const input = {
      incidentKey,
      origin,
      trigger: 'http',
      receivedAt,
      submittedBy: by,
      retriedBy: name,
    } as const;
    await instances.start(instanceId, input);
    return 'restarted';
  }
  const isReading = file.stage === 'reading';
  if (!isReading && file.stage !== 'ended') return 'busy';
  if (!isReading && !mayBeginAgain(file)) return 'final';
  const kind = isReading ? 'update' : 'again';
  const retry = { kind, id: crypto.randomUUID(), trigger: 'http', by, retriedBy: name } as const;
  // Its run ended meanwhile: the analyst's next attempt finds what became of it.
  if (!(await sendUpdate(instances, instance, retry))) return 'busy';
  return isReading ? 'reading' : 'updated';
}
