import type { EntityContext } from 'durable-functions';
import type { CaseFile } from '../domain/case-file.js';
import { applyCaseUpdate, caseUpdateSchema } from '../domain/case-file-updates.js';
import { doorRefusalSchema, withDoorRefusal } from '../domain/door-refusals.js';
import { CASE_OPERATION } from '../orchestrator/index.js';

/** What a door signals. It can add to the audit of a file that is there, and do nothing else. */
export const DOOR_REFUSAL_OPERATION = 'keepDoorRefusal';

/**
 * The case file of one incident. Its orchestration alone writes to it, but for what doors refused; a signal that it
 * cannot read is logged and left out.
 */
export function caseEntity(context: EntityContext<CaseFile>): void {
  const { operationName } = context.df;
  if (operationName === CASE_OPERATION) record(context);
  else if (operationName === DOOR_REFUSAL_OPERATION) keepDoorRefusal(context);
  else context.warn(`The case file has no operation ${operationName ?? '(none)'}.`);
}

function record(context: EntityContext<CaseFile>): void {
  const { df } = context;
  const update = caseUpdateSchema.safeParse(df.getInput<unknown>());
  if (!update.success) {
    context.error(`An update of the case file was not understood: ${update.error.issues[0]?.message ?? ''}`);
    return;
  }
  const next = applyCaseUpdate(df.getState(), update.data);
  if (next !== undefined) df.setState(next);
}

function keepDoorRefusal(context: EntityContext<CaseFile>): void {
  const { df } = context;
  const refusal = doorRefusalSchema.safeParse(df.getInput<unknown>());
  if (!refusal.success) {
    context.error(`A door's refusal was not understood: ${refusal.error.issues[0]?.message ?? ''}`);
    return;
  }
  const file = df.getState();
  if (!file?.approvals.some(({ id }) => id === refusal.data.requestId)) return;
  df.setState({ ...file, refusedAtDoors: withDoorRefusal(file.refusedAtDoors, refusal.data) });
}
