/** Loads case files, with the problem if no decision can be based on them. */
import { alarmProblem, type CaseProblem, planProblem } from '../approvals/index.js';
import { type ApprovalRequest, type Run, runOfRequest } from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
import type { CaseAlarm } from '../domain/case-record.js';
import { hasHandled } from '../domain/merge.js';
import { ownerElsewhere } from './aliases.js';
import type { IncidentInstances } from './incident-instances.js';

export interface Case {
  readonly file: CaseFile;
  readonly alarms: readonly CaseAlarm[];
  /** Undefined: decisions can be based on this case file. */
  readonly problem: CaseProblem | undefined;
}

/** The case of one run; undefined if nothing has been written yet. */
export async function caseOfRun(instances: IncidentInstances, run: Run): Promise<Case | undefined> {
  const record = await instances.record(run);
  if (record === undefined) return undefined;
  const { file, alarms } = record;
  return { file, alarms, problem: alarmProblem(alarms) ?? planProblem(file) };
}

/**
 * The case of an instance's current run; if the instance no longer exists, of its last run. If another instance handles the
 * same incident, it is the case of that one, unless the own run has read the incident and ended otherwise.
 */
export async function caseOfInstance(
  instances: IncidentInstances,
  instanceId: string,
): Promise<Case | undefined> {
  const run = await instances.lastRun(instanceId);
  const found = run && (await caseOfRun(instances, run));
  if (found !== undefined && !mayBeElsewhere(found.file)) return found;
  const owner = await ownerElsewhere(instances, instanceId);
  const other = owner && (await instances.lastRun(owner.instanceId));
  return (other && (await caseOfRun(instances, other))) ?? found;
}

/** Its service may have returned the incident under another key only. */
function mayBeElsewhere(file: CaseFile): boolean {
  const { outcome } = file;
  return outcome === 'handled-elsewhere' || (outcome === 'incident-gone' && !hasHandled(file));
}

export interface RequestedCase extends Case {
  readonly request: ApprovalRequest;
}

/** The case of the request's run, current or earlier; undefined if there is no such request. */
export async function caseOfRequest(
  instances: IncidentInstances,
  requestId: string,
): Promise<RequestedCase | undefined> {
  const run = runOfRequest(requestId);
  const found = run && (await caseOfRun(instances, run));
  const request = found?.file.approvals.find(({ id }) => id === requestId);
  return found && request && { ...found, request };
}

/** Like `caseOfRequest`, with `over`: whether the request is pending although its run is no longer the current one. */
export async function caseToDecide(
  instances: IncidentInstances,
  requestId: string,
): Promise<(RequestedCase & { readonly over: boolean }) | undefined> {
  const found = await caseOfRequest(instances, requestId);
  if (found === undefined) return undefined;
  const { instanceId, generation } = found.file;
  const waits = found.request.state === 'waiting';
  const instance = waits ? await instances.find(instanceId) : undefined;
  const over = waits && instance?.status?.generation !== generation;
  return { ...found, over };
}
