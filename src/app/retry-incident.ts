/** A retry by an analyst: the incident begins again where it stopped. Nothing is done without a new decision. */
import type { CaseFile } from '../domain/case-file.js';
import { mayBeginAgain, stepsOf, targetKeyOf } from '../domain/settled.js';
import { unsettledSteps } from '../domain/unsettled-steps.js';
import type { Narrowing } from '../domain/update.js';
import { ownerElsewhere } from './aliases.js';
import { clock } from './clock.js';
import type { IncidentInstances, Instance } from './incident-instances.js';
import { isOutdated, isRunning, sendUpdate } from './run-end.js';

/**
 * What becomes of a retry. `reading`: the pause before the next attempt to read ends. `updated`: the running instance proposes
 * again what is unfinished. `restarted`: the next run begins. `busy`: the run has not ended. `final`: its end is final.
 * `unknown-step`: it has no such step. `settled-step`: the step is done, or approvers have decided against it.
 */
export type Retry = 'reading' | 'updated' | 'restarted' | RefusedRetry | HandledElsewhere;
export type RefusedRetry = 'unknown' | 'busy' | 'final' | 'unknown-step' | 'settled-step';

/** Another instance handles the incident: its case is not the one that the analyst saw. */
export interface HandledElsewhere {
  readonly elsewhere: string;
}

export interface Retrier {
  readonly id: string;
  readonly name: string;
}
export interface RetryRequest {
  readonly by: Retrier;
  /** Ids of steps; none: everything that is unfinished. */
  readonly steps?: readonly string[];
}

/**
 * The analyst counts as someone who submits the incident: another approver must decide what it proposes. Only this instance
 * is tried again: automatic steps of another one would run although the analyst never saw them.
 */
export async function retryIncident(
  instances: IncidentInstances,
  instanceId: string,
  { by: { id, name }, steps = [] }: RetryRequest,
): Promise<Retry> {
  const owner = await ownerElsewhere(instances, instanceId);
  if (owner !== undefined) return { elsewhere: owner.instanceId };
  const instance = await instances.find(instanceId);
  if (instance === undefined || instance.notOurs) return 'unknown';
  const current = await instances.current(instance);
  const { file } = current;
  if (file === undefined || isOutdated(instance, current)) return 'busy';
  const possible = retryOf(instance, file);
  if (possible === 'busy' || possible === 'final') return possible;
  // What it proposes once it is read is decided already.
  if (possible === 'reading' && steps.length > 0) return 'busy';
  const narrowing = narrowTo(file, steps);
  if (typeof narrowing === 'string') return narrowing;
  const about = {
    trigger: 'http',
    retriedBy: name,
    ...(narrowing === undefined ? {} : { narrowing }),
  } as const;
  const by = { kind: 'person', id, name } as const;
  if (possible === 'restarted') {
    const { incidentKey, origin } = file;
    const receivedAt = new Date(clock.now()).toISOString();
    await instances.start(instanceId, { incidentKey, origin, receivedAt, submittedBy: by, ...about });
    return possible;
  }
  const kind = possible === 'reading' ? 'update' : 'again';
  const retry = { kind, id: crypto.randomUUID(), by, ...about } as const;
  // Its run ended meanwhile: the analyst's next attempt finds what became of it.
  if (!(await sendUpdate(instances, instance, retry))) return 'busy';
  return possible;
}

/** What a retry of an incident would be now. @param file of its current run */
export function retryOf(
  instance: Instance,
  file: CaseFile,
): Exclude<Retry, 'unknown' | `${string}-step` | HandledElsewhere> {
  const isReading = file.stage === 'reading';
  if (!isRunning(instance)) return mayBeginAgain(file) ? 'restarted' : 'final';
  if (isReading) return 'reading';
  if (file.stage !== 'ended') return 'busy';
  return mayBeginAgain(file) ? 'updated' : 'final';
}

/** Leaves out what is unfinished and was not named. Undefined: nothing is left out. */
function narrowTo(
  file: CaseFile,
  stepIds: readonly string[],
): Narrowing | undefined | Extract<Retry, `${string}-step`> {
  if (stepIds.length === 0) return undefined;
  const known = stepsOf(file).map(({ id }) => id);
  if (stepIds.some((id) => !known.includes(id))) return 'unknown-step';
  const open = unsettledSteps(file);
  const named = open.filter(({ id }) => stepIds.includes(id));
  if (stepIds.some((id) => !named.some((step) => step.id === id))) return 'settled-step';
  const others = open.filter((step) => !named.includes(step)).map(targetKeyOf);
  const leftOut = [...new Set([...others, ...(file.leftOut ?? [])])];
  if (leftOut.length === 0) return undefined;
  return { steps: named.map(({ title, target }) => `${title}: ${target}`), leftOut };
}
