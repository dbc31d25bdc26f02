/** Case files as people are shown them: with what speaks against deciding by them. */
import { alarmTrouble, type CaseTrouble, planTrouble } from '../approvals/index.js';
import { type ApprovalRequest, type Run, runOfRequest } from '../domain/approval.js';
import type { CaseFile } from '../domain/case-file.js';
import type { CaseAlarm } from '../domain/case-record.js';
import type { Instances } from './durable-client.js';

export interface Case {
  readonly file: CaseFile;
  readonly alarms: readonly CaseAlarm[];
  /** Undefined: it may be decided by. */
  readonly trouble: CaseTrouble | undefined;
}

/** The case of one run; undefined when nothing has been written yet. */
export async function caseOfRun(instances: Instances, run: Run): Promise<Case | undefined> {
  const record = await instances.record(run);
  if (record === undefined) return undefined;
  const { file, alarms } = record;
  return { file, alarms, trouble: alarmTrouble(alarms) ?? planTrouble(file) };
}

/** The case of an instance's run; where the instance is gone, of the last one that there was. */
export async function caseOfInstance(instances: Instances, instanceId: string): Promise<Case | undefined> {
  const run = await instances.lastRun(instanceId);
  return run && caseOfRun(instances, run);
}

export interface RequestedCase extends Case {
  readonly request: ApprovalRequest;
}

/** The case that a request belongs to, of whatever run; undefined where there is no such request. */
export async function caseOfRequest(
  instances: Instances,
  requestId: string,
): Promise<RequestedCase | undefined> {
  const run = runOfRequest(requestId);
  const found = run && (await caseOfRun(instances, run));
  const request = found?.file.approvals.find(({ id }) => id === requestId);
  return found && request && { ...found, request };
}

/** As `caseOfRequest`, and whether the request can still be decided as far as its run is concerned. */
export async function caseToDecide(
  instances: Instances,
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
